import { expect, test } from 'vitest';
import { logLine } from '../../../src/evidence/log-line.js';

test('a line is kept without secrets, those that the engine knows and those of common forms', () => {
  expect(logLine('password=hunter2 known-secret', ['known-secret'])).toBe(
    'password=[secret] [secret]',
  );
});

test('a long line is cut, and no half of a secret is left at its end', () => {
  expect(logLine('x '.repeat(5_000), [])).toHaveLength(501);
  const token = `ghp_${'Ab1'.repeat(12)}`;
  const line = logLine(`${'x '.repeat(244)}${token} and more`, []);
  expect(line).toContain('[secret]');
  expect(line).not.toContain('ghp_');
});
