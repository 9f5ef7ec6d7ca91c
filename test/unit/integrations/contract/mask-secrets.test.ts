import { expect, test } from 'vitest';
import { maskSecrets } from '../../../../src/integrations/contract/mask-secrets.js';

const gitHash = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const sha256 = '0a'.repeat(32);

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
  [`got ${'0a'.repeat(32)}`, 'got [secret]'],
  [`${'0a'.repeat(32)}`, '[secret]'],
  // what is called a hash, and is one of a secret
  [`password hash ${'0a'.repeat(32)}`, 'password hash [secret]'],
  [`token sha256 ${'0a'.repeat(32)}`, 'token [secret] [secret]'],
  [`token=sha256:${'0a'.repeat(32)}`, 'token=[secret]'],
  [`X-Api-Key: ${'0a'.repeat(20)}`, 'X-Api-Key: [secret]'],
  [`signing key commit ${'0a'.repeat(20)}`, 'signing key commit [secret]'],
  // no length of a hash
  [`commit ${'0a'.repeat(23)}`, 'commit [secret]'],
  ['Digest username1234', 'Digest [secret]'],
  [`Bearer ${'0a'.repeat(20)}`, 'Bearer [secret]'],
])('masks %s', (line, shown) => {
  expect(maskSecrets(line)).toBe(shown);
});

test.each([
  'GET /orders/17 500 in 12 ms',
  'Error: connect ECONNREFUSED 10.0.0.3:5432',
  'see https://docs.example.com/how-to/secrets',
  'panic: runtime error: index out of range [3] with length 3',
  `commit ${gitHash}`,
  `HEAD is now at ${gitHash} Mend the door`,
  `Merge: ${gitHash}`,
  `Checking out Revision ${gitHash} (origin/main)`,
  `GIT_COMMIT=${gitHash}`,
  `   ${gitHash}..${gitHash}  main -> origin/main`,
  `${gitHash}\trefs/heads/main`,
  `Digest: sha256:${sha256}`,
  `Pulled digest sha256:${sha256}`,
  `digest ${sha256}`,
  `web@sha256:${sha256} is there`,
  `latest: digest: sha256:${sha256} size: 1570`,
  `${sha256}  backup.tar.gz`,
  `"integrity": "sha512-${'Ab1'.repeat(28)}Ab=="`,
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
