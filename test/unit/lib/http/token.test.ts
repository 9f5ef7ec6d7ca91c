import { expect, test } from 'vitest';
import { presentsToken } from '../../../../src/lib/http/token.js';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

test.each([
  'Bearer s3cret',
  'bearer s3cret',
  'Bearer  s3cret ',
  basic('alertmanager:s3cret'),
  basic(':s3cret'),
])('%j presents the token where basic authentication is allowed', (header) => {
  expect(presentsToken(header, 's3cret', { basic: true })).toBe(true);
});

test.each([
  undefined,
  '',
  's3cret',
  'Bearer',
  'Bearer s3cre',
  'Bearer s3cret2',
  'Digest s3cret',
  basic('s3cret:other'),
  basic('s3cret'.toUpperCase()),
])('%j does not', (header) => {
  expect(presentsToken(header, 's3cret', { basic: true })).toBe(false);
});

test('a password may hold colons and letters beyond ASCII', () => {
  expect(presentsToken(basic('me:a:b:ü'), 'a:b:ü', { basic: true })).toBe(true);
});

test('a bearer token may hold spaces', () => {
  expect(presentsToken('Bearer two words', 'two words', { basic: false })).toBe(true);
});

test('basic authentication counts for nothing where it is not allowed', () => {
  expect(presentsToken(basic('me:s3cret'), 's3cret', { basic: false })).toBe(false);
});
