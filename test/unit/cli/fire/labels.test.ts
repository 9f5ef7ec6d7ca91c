import { expect, test } from 'vitest';
import { readLabels, readPairs } from '../../../../src/cli/fire/labels.js';

test('labels are read as name=value; a value may hold anything', () => {
  expect(readLabels(['alertname=Slow', 'k8s.pod=a b', 'query=up == 0'])).toEqual({
    alertname: 'Slow',
    'k8s.pod': 'a b',
    query: 'up == 0',
  });
});

test.each([
  ['Slow', /label "Slow": expected name=value/],
  ['=Slow', /expected name=value/],
  ['alert name=Slow', /expected name=value/],
  ['service!=web', /expected name=value/],
  ['service=', /the value is empty/],
])('%s is no label', (pair, message) => {
  expect(() => readLabels(['alertname=Slow', pair])).toThrow(message);
});

test('a label that is given twice, or no alertname, is refused', () => {
  expect(() => readLabels(['alertname=A', 'alertname=B'])).toThrow(
    'label "alertname" is given twice',
  );
  expect(() => readLabels(['service=web'])).toThrow('expected the label alertname=…');
});

test('annotations need no alertname', () => {
  expect(readPairs(['summary=it is slow'], 'annotation')).toEqual({ summary: 'it is slow' });
});
