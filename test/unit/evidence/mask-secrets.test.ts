import { expect, test } from 'vitest';
import { maskSecrets } from '../../../src/evidence/mask-secrets.js';

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

test('cuts long lines, and is no slower on hostile ones', () => {
  expect(maskSecrets('x '.repeat(5_000))).toHaveLength(501);
  expect(maskSecrets('password'.repeat(60))).toMatch(/^password/);
});
