import { describe, expect, it } from 'vitest';
import {
  type NodeRole,
  readNodeScaleLabels,
} from '../../../../src/integrations/aws/node-scale-labels.js';

const read = (
  labels: Record<string, string>,
  role: NodeRole = 'worker',
  containerLabels: Record<string, string> = {},
) => readNodeScaleLabels({ name: 'exporter', labels, containerLabels }, role);

describe("a service's labels about nodes", () => {
  const labels = {
    'com.df.scaleWorkerNodeMin': '1',
    'com.df.scaleWorkerNodeMax': '6',
    'com.df.scaleWorkerNodeUpBy': '2',
    'com.df.scaleWorkerNodeDownBy': '3',
    'com.df.scaleManagerNodeMax': '7',
  };

  it('are read for the role of the nodes', () => {
    expect(read(labels)).toEqual({
      min: { value: 1, label: 'com.df.scaleWorkerNodeMin of service exporter' },
      max: { value: 6, label: 'com.df.scaleWorkerNodeMax of service exporter' },
      upBy: { value: 2, label: 'com.df.scaleWorkerNodeUpBy of service exporter' },
      downBy: { value: 3, label: 'com.df.scaleWorkerNodeDownBy of service exporter' },
      faults: [],
    });
    expect(read(labels, 'manager')).toMatchObject({
      min: undefined,
      max: { value: 7, label: 'com.df.scaleManagerNodeMax of service exporter' },
    });
  });

  it('may stand on the container, where the service has none', () => {
    expect(read({}, 'worker', labels).max?.value).toBe(6);
    expect(read({ 'com.df.scaleWorkerNodeMax': '4' }, 'worker', labels).max?.value).toBe(4);
  });

  it.each([
    ['com.df.scaleWorkerNodeMax', 'many'],
    ['com.df.scaleWorkerNodeMax', ''],
    ['com.df.scaleWorkerNodeMin', '-1'],
    ['com.df.scaleWorkerNodeMin', '1.5'],
    ['com.df.scaleWorkerNodeUpBy', '0'],
    ['com.df.scaleWorkerNodeDownBy', '+1'],
  ])('are at fault where %s is %j', (label, text) => {
    expect(read({ [label]: text }).faults).toEqual([expect.stringContaining(`label ${label} is`)]);
  });

  it('are at fault where the minimum is above the maximum, and only those of the role', () => {
    const odd = { 'com.df.scaleWorkerNodeMin': '7', 'com.df.scaleWorkerNodeMax': '6' };
    expect(read(odd).faults).toEqual([expect.stringContaining('is above label')]);
    expect(read(odd, 'manager').faults).toEqual([]);
  });
});
