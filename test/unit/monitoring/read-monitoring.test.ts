import { describe, expect, it } from 'vitest';
import type { DescribedService, Labels } from '../../../src/monitoring/described-service.js';
import { noAutomation } from '../../../src/monitoring/described-service.js';
import { readMonitoring } from '../../../src/monitoring/read-monitoring.js';
import { loadShortcuts } from '../../../src/monitoring/shortcuts.js';

const shortcuts = loadShortcuts(undefined);
const read = (labels: Labels, patch: Partial<DescribedService> = {}) =>
  readMonitoring(
    {
      id: 'a',
      name: 'shop_web',
      replicas: 2,
      labels,
      containerLabels: {},
      automation: noAutomation,
      ...patch,
    },
    shortcuts,
  );
const detailsOf = (labels: Labels, patch: Partial<DescribedService> = {}) =>
  read(labels, patch).faults.map(({ detail }) => detail);

describe('our labels', () => {
  it('make a target and rules', () => {
    const { scrape, rules, faults } = read({
      'jidoka.scrape.port': '8080',
      'jidoka.scrape.path': '/internal/metrics',
      'jidoka.scrape.interval': '5s',
      'jidoka.scrape.network': 'monitoring',
      'jidoka.alert.Slow.if': 'latency > 1',
      'jidoka.alert.Slow.for': '5m',
      'jidoka.alert.Slow.labels.scale': 'up',
      'jidoka.alert.Slow.annotations.summary': 'Slow: {{ $value }}, more than 1',
    });
    expect(faults).toEqual([]);
    expect(scrape).toEqual({
      port: 8080,
      path: '/internal/metrics',
      interval: '5s',
      // Prometheus drops a target whose timeout is longer than its interval
      timeout: '5s',
      scheme: undefined,
      network: 'monitoring',
    });
    expect(rules).toEqual([
      {
        alert: 'Slow',
        expr: 'latency > 1',
        for: '5m',
        labels: { scale: 'up', service: 'shop_web' },
        annotations: { summary: 'Slow: {{ $value }}, more than 1' },
      },
    ]);
  });

  it('cannot override the label service', () => {
    const { rules, faults } = read({
      'jidoka.alert.A.if': 'up == 0',
      'jidoka.alert.A.labels.service': 'other',
    });
    expect(rules[0]?.labels).toEqual({ service: 'shop_web' });
    expect(faults[0]?.detail).toContain('its label service is "other"');
  });

  it.each([
    [{ 'jidoka.scrape.port': '99999' }, 'label jidoka.scrape.port is "99999"; expected a port'],
    [{ 'jidoka.scrape.path': '/m' }, 'label jidoka.scrape.port is missing'],
    [{ 'jidoka.scrape.prot': '80' }, 'unknown label jidoka.scrape.prot'],
    [
      { 'jidoka.scrape.port': '80', 'jidoka.scrape.interval': '0' },
      'label jidoka.scrape.interval is "0"; expected a duration',
    ],
    [
      {
        'jidoka.scrape.port': '80',
        'jidoka.scrape.interval': '5s',
        'jidoka.scrape.timeout': '1m',
      },
      'label jidoka.scrape.timeout (1m) is longer than label jidoka.scrape.interval (5s)',
    ],
    [{ 'jidoka.alert.A.for': '5m' }, 'label jidoka.alert.A.if is missing'],
    [{ 'jidoka.alert.A.iff': 'up' }, 'unknown label jidoka.alert.A.iff'],
    [{ 'jidoka.alert.A.if': 'rate(sum(x))' }, 'rate expects a range vector'],
    [
      { 'jidoka.alert.A.if': 'up', 'jidoka.alert.A.for': '5 minutes' },
      'jidoka.alert.A: its duration: expected a duration',
    ],
    [
      { 'jidoka.alert.A.if': 'up', 'jidoka.alert.A.labels.my-key': 'x' },
      'jidoka.alert.A: "my-key" is no name of a label',
    ],
    [
      { 'jidoka.alert.A.if': 'up', 'jidoka.alert.A.persistent': 'yes' },
      'label jidoka.alert.A.persistent is "yes"; expected true or false',
    ],
  ])('with a fault stop what they are about: %j', (labels, fault) => {
    const all = { ...labels, 'jidoka.alert.Good.if': 'up == 0' } as Labels;
    const { scrape, rules, faults } = read(all);
    expect(faults.map(({ detail }) => detail).join('\n')).toContain(fault);
    expect(scrape).toBeUndefined();
    expect(rules.map(({ alert }) => alert)).toEqual(['Good']);
  });

  it('on the container are a fault unless the service repeats them', () => {
    const label = { 'jidoka.scrape.port': '80' };
    expect(detailsOf({}, { containerLabels: label })[0]).toContain('is set on the container');
    expect(detailsOf(label, { containerLabels: label })).toEqual([]);
  });

  it('keep their rules at 0 replicas unless they say otherwise', () => {
    const labels = {
      'jidoka.alert.Kept.if': 'up == 0',
      'jidoka.alert.Gone.if': 'up == 0',
      'jidoka.alert.Gone.persistent': 'false',
    };
    const names = (replicas: number) => read(labels, { replicas }).rules.map(({ alert }) => alert);
    expect(names(1)).toEqual(['Gone', 'Kept']);
    expect(names(0)).toEqual(['Kept']);
  });
});

describe("Docker Flow's labels", () => {
  it('make a target and rules, without an index and with one', () => {
    const { scrape, rules, faults } = read(
      {
        'com.df.notify': 'true',
        'com.df.scrapePort': '9100',
        'com.df.scrapeInterval': '30s',
        'com.df.alertName': 'mem-limit',
        'com.df.alertIf': '@service_mem_limit:0.8',
        'com.df.alertFor': '5m',
        'com.df.alertName.1': 'odd',
        'com.df.alertIf.1': 'up == 0',
        'com.df.alertLabels.1': 'severity=high,receiver=team, note=a=b',
        'com.df.alertAnnotations.1': 'summary=High, very high,action=call {{ $labels.instance }}',
        'com.df.alertName.4': 'afterGap',
        'com.df.alertIf.4': 'up == 1',
      },
      { name: 'go-demo_main' },
    );
    expect(faults).toEqual([]);
    expect(scrape).toMatchObject({ port: 9100, interval: '30s', timeout: undefined });
    expect(rules.map(({ alert }) => alert)).toEqual([
      'godemo_main_memlimit',
      'godemo_main_odd',
      'godemo_main_afterGap',
    ]);
    expect(rules[0]?.labels).toEqual({ receiver: 'system', service: 'go-demo_main' });
    expect(rules[0]?.annotations.summary).toBe(
      'Memory of a container of go-demo_main is above 0.8 of its limit',
    );
    expect(rules[1]).toMatchObject({
      labels: { severity: 'high', receiver: 'team', note: 'a=b', service: 'go-demo_main' },
      annotations: { summary: 'High, very high', action: 'call {{ $labels.instance }}' },
    });
  });

  it('fill labels of shortcuts only where they are missing, and none in compounds', () => {
    const alert = (condition: string, labels = '') =>
      read({
        'com.df.alertName': 'a',
        'com.df.alertIf': condition,
        ...(labels && { 'com.df.alertLabels': labels }),
      }).rules[0];
    expect(alert('@resp_time_above:0.1,5m,0.99', 'scale=no')?.labels).toEqual({
      receiver: 'system',
      scale: 'no',
      service: 'shop_web',
      type: 'service',
    });
    const compound = alert('@node_mem_limit:0.8_and_@node_fs_limit:0.9_or_@replicas_running');
    expect(compound?.labels).toEqual({ service: 'shop_web' });
    expect(compound?.expr).toContain(')\nand on (instance)\n(');
    expect(compound?.expr).toContain(')\nor\n(');
    expect(compound?.annotations.summary).toBe(
      'Memory of a node is above 0.8 and A file system of a node is more than 0.9 full or shop_web does not run with 2 replicas',
    );
  });

  it.each([
    [{ 'com.df.alertName': 'a' }, 'label com.df.alertIf is missing'],
    [{ 'com.df.alertIf.1': 'up' }, 'label com.df.alertName.1 is missing'],
    [
      { 'com.df.alertName': 'a', 'com.df.alertIf': 'up', 'com.df.alertLabels': 'oops' },
      'label com.df.alertLabels has no key',
    ],
    [
      { 'com.df.alertName': 'a', 'com.df.alertIf': '@no_such:1' },
      'there is no shortcut @no_such; expected one of @service_mem_limit',
    ],
    [
      { 'com.df.alertName': 'a', 'com.df.alertIf': '@service_mem_limit' },
      'shortcut @service_mem_limit expects 1 arguments, got none',
    ],
    [
      { 'com.df.alertName': 'a', 'com.df.alertIf': '@service_mem_limit:0.8)(' },
      'com.df.alertName: syntax error',
    ],
  ])('with a fault stop only their own rule: %j', (labels, fault) => {
    const all = { ...labels, 'com.df.alertName.9': 'good', 'com.df.alertIf.9': 'up' } as Labels;
    const { rules, faults } = read(all);
    expect(faults.map(({ detail }) => detail).join('\n')).toContain(fault);
    expect(rules.map(({ alert }) => alert)).toEqual(['shop_web_good']);
  });

  it('need replicas for shortcuts about replicas', () => {
    const labels = { 'com.df.alertName': 'a', 'com.df.alertIf': '@replicas_running' };
    expect(read(labels).rules[0]?.expr).toContain('!= 2');
    expect(detailsOf(labels, { replicas: undefined })[0]).toContain('needs a number of replicas');
  });
});

it('two alerts of one name are one rule and a fault', () => {
  const { rules, faults } = read({
    'jidoka.alert.shop_web_a.if': 'up',
    'com.df.alertName': 'a',
    'com.df.alertIf': 'up == 0',
  });
  expect(rules).toHaveLength(1);
  expect(faults[0]?.detail).toContain('another alert of the service is named shop_web_a');
});
