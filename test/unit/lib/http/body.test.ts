import { expect, test } from 'vitest';
import { InputError } from '../../../../src/lib/errors.js';
import { mendText, parseJson, readBody } from '../../../../src/lib/http/body.js';

const bytes = (text: string) => Buffer.from(text);

/** A body of which each read gives ten bytes; says how many reads there were and whether it was let go. */
function endless() {
  const seen = { reads: 0, cancelled: false };
  const body = new ReadableStream({
    pull(controller) {
      seen.reads += 1;
      controller.enqueue(new Uint8Array(10));
    },
    cancel() {
      seen.cancelled = true;
    },
  });
  const request = new Request('http://x/', { method: 'POST', body, duplex: 'half' } as RequestInit);
  return { request, seen };
}

test('a body is read as it came, up to the limit', async () => {
  const request = new Request('http://x/', { method: 'POST', body: 'ä1234567' });
  expect((await readBody(request, 9))?.toString()).toBe('ä1234567');
});

test('a body whose length is announced is read, and none is longer than it may be', async () => {
  const announced = (length: number) =>
    new Request('http://x/', {
      method: 'POST',
      body: 'ä1234567',
      headers: { 'content-length': String(length) },
    });
  expect((await readBody(announced(9), 9))?.toString()).toBe('ä1234567');
  expect(await readBody(announced(10), 9)).toBeNull();
  expect(await readBody(announced(1), 8)).toBeNull();
});

test('a request without a body has an empty one', async () => {
  expect((await readBody(new Request('http://x/', { method: 'POST' }), 9))?.length).toBe(0);
});

test('a body that never ends is let go as soon as it is too large', async () => {
  const { request, seen } = endless();
  expect(await readBody(request, 25)).toBeNull();
  expect(seen.cancelled).toBe(true);
  expect(seen.reads).toBeLessThan(6);
});

test('a body that says that it is too large is not read', async () => {
  const { request, seen } = endless();
  request.headers.set('content-length', '26');
  expect(await readBody(request, 25)).toBeNull();
  expect(seen.reads).toBeLessThan(2);
});

test('JSON is read, with a byte order mark and with broken letters, too', () => {
  expect(parseJson(bytes('\u{FEFF}{"a":[1]}'))).toEqual({ a: [1] });
  expect(parseJson(Buffer.from([0x22, 0xff, 0x22]))).toBe('\u{FFFD}');
});

test.each([
  ['ASCII', Buffer.from('{"a":1}'), true],
  ['other letters', Buffer.from('{"a":"é 🚨"}'), true],
  ['a byte order mark', Buffer.from('\u{FEFF}{"a":"é"}'), false],
  ['a broken letter', Buffer.from([0x22, 0xff, 0x22]), false],
])('a text of %s is passed on as it is read', (_, given, unchanged) => {
  const passedOn = mendText(given);
  expect(JSON.parse(passedOn.toString())).toEqual(parseJson(given));
  expect(passedOn === given).toBe(unchanged);
});

test.each([
  ['{"a":1,}', 7],
  ['{"a":1', 6],
  ['{} x', 3],
])('the fault in %j is found at character %i', (text, position) => {
  expect(() => parseJson(bytes(text))).toThrow(`found a fault at character ${position}`);
});

test.each(['', ' \r\n'])('of a body that is %j it is said that it is empty', (text) => {
  expect(() => parseJson(bytes(text))).toThrow(/^body: expected JSON, the body is empty$/);
});

test('a text that is no JSON is not quoted', () => {
  const read = () => parseJson(bytes('password=hunter2'));
  expect(read).toThrow(InputError);
  expect(read).toThrow(/^body: expected JSON$/);
});
