import { expect, test } from 'vitest';
import { selectSeries } from '../../../src/prometheus/select-series.js';

const series = (labels: Readonly<Record<string, string>>) => ({ labels, points: [] });
const alert = { alertname: 'Slow', service: 'web', severity: 'page', cluster: 'eu' };

test('the series of an alert has no label but the alert’s', () => {
  const [web, api] = [series({ __name__: 'x', service: 'web' }), series({ service: 'api' })];
  expect(selectSeries([api, web], alert, ['severity'])).toEqual({ series: [web], isExact: true });
});

test('a label that the rule sets says nothing about the series', () => {
  const web = series({ service: 'web', severity: 'of the exporter' });
  expect(selectSeries([web], alert, ['severity'])).toEqual({ series: [web], isExact: true });
});

test('a sum over everything is the series of every alert of its rule', () => {
  expect(selectSeries([series({})], alert, [])).toMatchObject({ isExact: true, series: [{}] });
});

test('where a label was dropped on the way, every series that contradicts none is possible', () => {
  const [a, b] = ['a', 'b'].map((replica) => series({ service: 'web', replica }));
  const api = series({ service: 'api', replica: 'a' });
  expect(
    selectSeries(
      [a, b, api].flatMap((one) => one ?? []),
      alert,
      [],
    ),
  ).toEqual({
    series: [a, b],
    isExact: false,
  });
});
