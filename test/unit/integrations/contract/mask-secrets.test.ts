import { expect, test } from 'vitest';
import { maskSecrets } from '../../../../src/integrations/contract/mask-secrets.js';

test.each([
  ['password=hunter2 user=me', 'password=[secret] user=me'],
  ['DB_PASSWORD: hunter2', 'DB_PASSWORD: [secret]'],
  ['{"apiKey": "abc\\"def", "n": 1}', '{"apiKey": "[secret]", "n": 1}'],
  ["token='abc def'", "token='[secret]'"],
  ['GET /?access_token=abc&page=2', 'GET /?access_token=[secret]&page=2'],
  ['--client-secret abc run', '--client-secret [secret] run'],
  ['postgres://me:hunter2@db/shop', 'postgres://[secret]@db/shop'],
  ['redis://:hunter2@cache:6379', 'redis://[secret]@cache:6379'],
  ['got Bearer abcdefghij', 'got Bearer [secret]'],
  ['Authorization: Bearer abcdef123456', 'Authorization: Bearer [secret]'],
  ['redis://:hunt/er2@cache:6379', 'redis://[secret]@cache:6379'],
  ['AKIAIOSFODNN7EXAMPLE is known', '[secret] is known'],
  ['key ghp_abcdefghijklmnopqrstuvwxyz012345', 'key [secret]'],
  ['-----BEGIN RSA PRIVATE KEY----- MIIB', '[secret]'],
  ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_-d', 'jwt [secret]'],
  [`sha ${'0a'.repeat(32)}`, 'sha [secret]'],
])('masks %s', (line, shown) => {
  expect(maskSecrets(line)).toBe(shown);
});

test.each([
  'GET /orders/17 500 in 12 ms',
  'Error: connect ECONNREFUSED 10.0.0.3:5432',
  'see https://docs.example.com/how-to/secrets',
  'panic: runtime error: index out of range [3] with length 3',
])('leaves %s as it is', (line) => {
  expect(maskSecrets(line)).toBe(line);
});

test('masks each line of a log, and a key over several', () => {
  const key = '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----';
  expect(maskSecrets(`a\npassword="hunter\n${key}\nb`)).toBe('a\npassword="[secret]"\n[secret]\nb');
});

test('a hostile text is masked like any other', () => {
  expect(maskSecrets('password'.repeat(4_000))).toMatch(/^password/);
  expect(maskSecrets(`${'x'.repeat(30_000)}password=hunter2`)).toMatch(/xpassword=\[secret\]$/);
  expect(maskSecrets(`${'a.'.repeat(15_000)}x://me:hunter2@db`)).toMatch(/x:\/\/\[secret\]@db$/);
});
