import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readServiceLabels, serviceLabelNames } from '../../../src/target/service-labels.js';

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

  it('is read from its labels, ours before those of Docker Flow', () => {
    const says = readServiceLabels({
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
    expect(says).toEqual({
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
    [{ 'jidoka.enabled': 'false' }, "label jidoka.enabled is none of Jidoka's"],
    [
      { 'jidoka.scale.min': '3', 'com.df.scaleMax': '2' },
      'label jidoka.scale.min (3) is above label com.df.scaleMax (2)',
    ],
  ])('is at fault in %j', (labels, fault) => {
    expect(readServiceLabels(labels).faults).toEqual([expect.stringContaining(fault)]);
  });

  it('is listed in docs/service-labels.md, label by label', async () => {
    const [page = ''] = (await readFile('docs/service-labels.md', 'utf8')).split('\n## ');
    const rows = page.split('\n').flatMap((line) => /^\| (`[^|]+) \|/.exec(line)?.[1] ?? []);
    const shown = rows.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
    expect(shown.sort()).toEqual(Object.values(serviceLabelNames).flat().sort());
  });

  it('is at fault in a label that another one overrides, too', () => {
    const { min, faults } = readServiceLabels({ 'jidoka.scale.min': '2', 'com.df.scaleMin': 'x' });
    expect(min?.value).toBe(2);
    expect(faults).toHaveLength(1);
  });
});
