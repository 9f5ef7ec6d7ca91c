import { expect, test } from 'vitest';
import { keepLog, unframed } from '../../../../src/integrations/swarm/job-log.js';

const kept = (text: string, secrets: readonly string[] = []) =>
  keepLog(Buffer.from(text), secrets).text;

test.each([
  ['password=hunter2 next', 'password=[secret] next'],
  ['DB_PASSWORD: "hunter two"', 'DB_PASSWORD: "[secret]"'],
  ['{"api_key":"abc","id":1}', '{"api_key":"[secret]","id":1}'],
  ['Authorization: Bearer abcdef123456', 'Authorization: Bearer [secret]'],
  ['postgres://app:hunter2@db/app', 'postgres://[secret]@db/app'],
  ['key AKIAABCDEFGHIJKLMNOP', 'key [secret]'],
  ['xoxb-1234567890-abc', '[secret]'],
  ['-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nend', '[secret]\nend'],
  ['nothing to hide', 'nothing to hide'],
])('%s is kept as %s', (text, expected) => {
  expect(kept(text)).toBe(expected);
});

test("the engine's own secrets are taken out, whatever stands around them", () => {
  expect(kept('a correct-horse b "correct-horse"', ['correct-horse'])).toBe(
    'a [secret] b "[secret]"',
  );
});

test('signs that steer a terminal or turn text around are not kept', () => {
  expect(kept('a\u001b[2Jb\u202ec\r\nd\u0000')).toBe('a\u00b7[2Jb\u00b7c\nd\u00b7');
});

test('of a long log both ends are kept, and no half of a secret', () => {
  expect(kept('password=hunter2 next')).toBe('password=[secret] next');
  const long = `first\n${'x'.repeat(8_180)} password=hunter2hunter2 ${'y'.repeat(50_000)}\nlast`;
  const text = kept(long);
  expect(text.length).toBeLessThan(17_000);
  expect(text).toMatch(/^first\n[\s\S]*is left out[\s\S]*last$/);
  expect(text).not.toMatch(/hunter/);
});

test('the text is taken out of the frames of Docker, whole or cut', () => {
  const frame = (text: string, stream = 1) => {
    const head = Buffer.alloc(8);
    head[0] = stream;
    head.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([head, Buffer.from(text)]);
  };
  const whole = Buffer.concat([frame('a\n'), frame('b\n', 2)]);
  expect(unframed(whole).toString()).toBe('a\nb\n');
  expect(unframed(whole.subarray(0, -1)).toString()).toBe('a\nb');
  expect(unframed(Buffer.from('a terminal')).toString()).toBe('a terminal');
});
