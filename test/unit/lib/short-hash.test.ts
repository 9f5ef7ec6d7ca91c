import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { shortHash } from '../../../src/lib/short-hash.js';

test('gives the first 32 hex digits of SHA-256', () => {
  expect(shortHash('watchdog')).toBe('422718fe17b063bc6f00f386a0befa48');
});

test.each(['', 'Ä ☃ 🜁', 'a lone \uD800 surrogate'])('hashes the text %j as UTF-8', (text) => {
  const expected = createHash('sha256').update(Buffer.from(text, 'utf8')).digest('hex');
  expect(shortHash(text)).toBe(expected.slice(0, 32));
  expect(shortHash(Buffer.from(text, 'utf8'))).toBe(shortHash(text));
});
