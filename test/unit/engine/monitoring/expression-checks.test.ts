import { expect, test } from 'vitest';
import { createExpressionChecks } from '../../../../src/engine/monitoring/expression-checks.js';
import { createLogger } from '../../../../src/lib/logger.js';

const log = createLogger('silent');

/** A Prometheus that refuses what is bad, and what it was asked. */
function start({ isAway = false } = {}) {
  const asked: string[] = [];
  const state = { isAway };
  const parseFault = async (expression: string) => {
    asked.push(expression);
    if (state.isAway) throw new Error('no answer');
    return expression.startsWith('bad') ? 'parse error' : null;
  };
  return { checks: createExpressionChecks({ prometheuses: [{ parseFault }], log }), asked, state };
}

test('each expression is parsed once, and again only when it is another', async () => {
  const { checks, asked } = start();
  expect(await checks.look(['good', 'bad'])).toBe(true);
  expect(await checks.look(['good', 'bad'])).toBe(false);
  expect(asked.sort()).toEqual(['bad', 'good']);
  expect([checks.refusalOf('bad'), checks.refusalOf('good')]).toEqual(['parse error', undefined]);
  expect(await checks.look(['good', 'good 2'])).toBe(false);
  expect(asked).toHaveLength(3);
});

test('a Prometheus that does not answer changes nothing, and is asked again', async () => {
  const { checks, state } = start({ isAway: true });
  const expressions = ['bad'];
  expect(await checks.look(expressions)).toBe(false);
  expect(checks.refusalOf('bad')).toBeUndefined();
  state.isAway = false;
  expect(await checks.look(expressions)).toBe(true);
  state.isAway = true;
  expect(await checks.look(['bad', 'good'])).toBe(false);
  expect(checks.refusalOf('bad')).toBe('parse error');
});

test('a look asks so many at most, and after a failure no more', async () => {
  const many = Array.from({ length: 2_500 }, (_, index) => `good ${index}`);
  const { checks, asked } = start();
  await checks.look(many);
  expect(asked).toHaveLength(500);
  for (let look = 0; look < 5; look += 1) await checks.look(many);
  expect(asked).toHaveLength(2_500);

  const away = start({ isAway: true });
  await away.checks.look(many);
  expect(away.asked.length).toBeLessThanOrEqual(4);
});

test('without Prometheus nothing is asked, and what is no longer used is forgotten', async () => {
  expect(await createExpressionChecks({ prometheuses: [], log }).look(['bad'])).toBe(false);
  const { checks } = start();
  await checks.look(['bad']);
  await checks.look(['good']);
  expect(checks.refusalOf('bad')).toBeUndefined();
});
