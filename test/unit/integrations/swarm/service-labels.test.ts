import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import {
  readServiceLabels,
  serviceLabelNames,
} from '../../../../src/integrations/swarm/service-labels.js';

describe('what a service says about itself', () => {
  it('is nothing where it has no labels', () => {
    expect(readServiceLabels({ team: 'payments', 'com.df.notify': 'true' })).toEqual({
      enabled: true,
      min: undefined,
      max: undefined,
      upBy: undefined,
      downBy: undefined,
      mode: undefined,
      channel: undefined,
      owner: undefined,
      faults: [],
    });
  });

  it.each([
    { 'jidoka.alert.Slow.if': 'rate(sum(x))' },
    { 'jidoka.alert.Slow.iff': 'up == 0' },
    { 'jidoka.scrape.port': 'many', 'jidoka.scrape.prot': '80' },
  ])('about monitoring keep Jidoka from nothing, whatever they say: %j', (labels) => {
    expect(readServiceLabels(labels).faults).toEqual([]);
    expect(readServiceLabels({}, labels).faults).toEqual([]);
    expect(readServiceLabels({ 'jidoka.alerts.Slow.if': 'up' }).faults).toHaveLength(1);
  });

  it('is read from its labels, ours before those of Docker Flow', () => {
    const settings = readServiceLabels({
      'jidoka.enable': 'false',
      'com.df.scaleMin': '1',
      'jidoka.scale.min': '2',
      'com.df.scaleMax': '8',
      'jidoka.scale.up_by': '2',
      'com.df.scaleDownBy': '3',
      'jidoka.mode': 'approve',
      'jidoka.channel': '#payments',
      'jidoka.owner': 'Payments',
    });
    expect(settings).toEqual({
      enabled: false,
      min: { value: 2, label: 'jidoka.scale.min' },
      max: { value: 8, label: 'com.df.scaleMax' },
      upBy: { value: 2, label: 'jidoka.scale.up_by' },
      downBy: { value: 3, label: 'com.df.scaleDownBy' },
      mode: 'approve',
      channel: '#payments',
      owner: 'Payments',
      faults: [],
    });
  });

  it.each([
    [{ 'jidoka.enable': 'no' }, 'label jidoka.enable is "no"; expected true or false'],
    [{ 'jidoka.mode': 'Auto' }, 'label jidoka.mode is "Auto"; expected shadow, approve or auto'],
    [{ 'com.df.scaleUpBy': '0' }, 'label com.df.scaleUpBy is "0"; expected a whole number'],
    [{ 'jidoka.channel': '#a b' }, 'label jidoka.channel is "#a b"; expected the name or id'],
    [{ 'jidoka.owner': ' ' }, 'label jidoka.owner is " "; expected a name'],
    [{ 'jidoka.owner': 'a\nb' }, 'expected a name'],
    [{ 'jidoka.enabled': 'false' }, 'unknown label jidoka.enabled'],
    [
      { 'jidoka.scale.min': '3', 'com.df.scaleMax': '2' },
      'label jidoka.scale.min (3) is above label com.df.scaleMax (2)',
    ],
  ])('is at fault in %j', (labels, fault) => {
    expect(readServiceLabels(labels).faults).toEqual([expect.stringContaining(fault)]);
  });

  it('is listed in docs/reference/service-labels.md, label by label', async () => {
    const [page = ''] = (await readFile('docs/reference/service-labels.md', 'utf8')).split('\n## ');
    const rows = page.split('\n').flatMap((line) => /^\| (`[^|]+) \|/.exec(line)?.[1] ?? []);
    const shown = rows.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
    expect(shown.sort()).toEqual(Object.values(serviceLabelNames).flat().sort());
  });

  it('is at fault in a label that another one overrides, too', () => {
    const { min, faults } = readServiceLabels({ 'jidoka.scale.min': '2', 'com.df.scaleMin': 'x' });
    expect(min?.value).toBe(2);
    expect(faults).toHaveLength(1);
  });

  describe('on its containers', () => {
    it('counts for its bounds and its steps, where Docker Flow had them, and says where it stands', () => {
      const settings = readServiceLabels(
        {},
        { 'com.df.scaleMin': '1', 'com.df.scaleMax': '8', 'com.df.scaleUpBy': '2', team: 'a' },
      );
      expect(settings).toMatchObject({
        min: { value: 1, label: 'com.df.scaleMin of the container' },
        max: { value: 8, label: 'com.df.scaleMax of the container' },
        upBy: { value: 2 },
        faults: [],
      });
    });

    it.each([
      [{ 'com.df.scaleMax': '5' }, { 'com.df.scaleMax': '9' }],
      [{ 'jidoka.scale.max': '5' }, { 'com.df.scaleMax': '9' }],
      [{ 'jidoka.scale.max': '5' }, { 'jidoka.scale.max': '9' }],
      [{ 'jidoka.scale.max': '5' }, { 'com.df.scaleMax': 'many' }],
    ])('does not count where the service says it itself: %j and %j', (own, onContainer) => {
      const { max, faults } = readServiceLabels(own, onContainer);
      expect([max?.value, faults]).toEqual([5, []]);
    });

    it('repeats what the service says, and is no fault', () => {
      const labels = { 'jidoka.enable': 'true', 'jidoka.mode': 'approve', 'jidoka.owner': 'Shop' };
      expect(readServiceLabels(labels, { ...labels, 'jidoka.mode': 'auto' })).toMatchObject({
        mode: 'approve',
        faults: [],
      });
    });

    it.each([
      [{ 'jidoka.enable': 'false' }, 'label jidoka.enable is set on the container; expected it on'],
      [{ 'jidoka.mode': 'approve' }, 'label jidoka.mode is set on the container'],
      [{ 'jidoka.scale.max': '5' }, 'label jidoka.scale.max is set on the container'],
      [{ 'jidoka.channel': '#a' }, 'label jidoka.channel is set on the container'],
      [{ 'jidoka.enabled': 'false' }, 'label jidoka.enabled is set on the container'],
      [{ 'com.df.scaleMax': 'many' }, 'label com.df.scaleMax of the container is "many"; expected'],
      [
        { 'com.df.scaleMin': '6', 'com.df.scaleMax': '5' },
        'label com.df.scaleMin of the container (6) is above label com.df.scaleMax of the container (5)',
      ],
    ])('is at fault in %j', (onContainer, fault) => {
      expect(readServiceLabels({ team: 'a' }, onContainer).faults).toEqual([
        expect.stringContaining(fault),
      ]);
    });

    it('is at fault beside labels of the service that say something else', () => {
      const { faults } = readServiceLabels({ 'jidoka.mode': 'auto' }, { 'jidoka.enable': 'false' });
      expect(faults).toHaveLength(1);
    });
  });
});

it('what an action marked when it created the service is no fault', () => {
  const labels = { 'jidoka.run': 'r1', 'jidoka.job': 'clean-disk' };
  expect(readServiceLabels(labels).faults).toEqual([]);
  expect(readServiceLabels({ 'jidoka.jobs': 'clean-disk' }).faults).toHaveLength(1);
});
