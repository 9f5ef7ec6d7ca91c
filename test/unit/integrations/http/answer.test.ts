import { describe, expect, it } from 'vitest';
import { judgeAnswer, secretsIn } from '../../../../src/integrations/http/answer.js';
import { cpuMs } from '../../../support/cpu-ms.js';

const judge = (status: number, body = '', location?: string) =>
  judgeAnswer({ status, location, body }, 'POST https://ci.example/', secretsIn('Bearer s3cret'));

describe('an answer', () => {
  it.each([200, 201, 202, 204])('of %i says that it was done', (status) => {
    expect(judge(status)).toContain(`answered ${status}`);
  });

  it.each([
    [429, 'busy'],
    [503, 'busy'],
    [404, 'not_found'],
    [410, 'not_found'],
    [401, 'forbidden'],
    [403, 'forbidden'],
    [400, 'invalid'],
    [409, 'invalid'],
    [422, 'invalid'],
    [301, 'invalid'],
    [307, 'invalid'],
    [308, 'invalid'],
    [302, 'unknown'],
    [303, 'unknown'],
    [304, 'unknown'],
    [101, 'unknown'],
    [500, 'unknown'],
    [502, 'unknown'],
    [504, 'unknown'],
    [599, 'unknown'],
    [999, 'unknown'],
    [0, 'unknown'],
  ])('of %i is %s', (status, kind) => {
    expect(() => judge(status)).toThrow(expect.objectContaining({ name: 'TargetError', kind }));
  });

  it('is shown in one line, without control characters and not at length', () => {
    const shown = judge(200, `all\r\n\u001b[31mwell\u202e\u0000 ${'x'.repeat(10_000)}`);
    expect(shown).toBe(`answered 200 OK: all [31mwell ${'x'.repeat(187)}…`);
  });

  it.each([
    ['Bearer s3cret', 'got Bearer s3cret and s3cret', 'got [secret] and [secret]'],
    ['Basic YWRhOmxvdmVsYWNl', 'ada:lovelace, lovelace', '[secret], [secret]'],
  ])('does not show the credentials that the server was sent', (authorization, body, shown) => {
    const answer = { status: 200, location: undefined, body };
    expect(judgeAnswer(answer, 'it', secretsIn(authorization))).toBe(`answered 200 OK: ${shown}`);
  });

  const token = 'a"b\\c/d+e&f<g>=h%i j\'k';
  const html: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  const asHtml = (text: string) => text.replace(/[&<>"']/g, (char) => html[char] ?? char);
  const asJson = (text: string) => JSON.stringify(text).slice(1, -1);

  it.each([
    ['JSON', asJson(token)],
    ['JSON of PHP, with slashes', asJson(token).replaceAll('/', '\\/')],
    ['JSON in JSON', asJson(asJson(token))],
    ['JSON that escapes HTML', token.replace(/["\\&<>']/g, (char) => hex(char))],
    ['a part of an address', encodeURIComponent(token)],
    ['a part of an address in small letters', encodeURIComponent(token).toLowerCase()],
    ['a field of a form', new URLSearchParams({ token }).toString().slice('token='.length)],
    ['an address in an address', encodeURIComponent(encodeURIComponent(token))],
    ['HTML', asHtml(token)],
    ['HTML in HTML', asHtml(asHtml(token))],
    ['HTML by numbers', token.replace(/./g, (char) => `&#${char.charCodeAt(0)};`)],
    ['HTML by hexadecimal numbers', token.replace(/\W/g, (char) => `&#X0${hexOf(char)};`)],
    ['JSON in HTML', asHtml(asJson(token))],
    ['an address in JSON', asJson(encodeURI(token))],
    ['JSON in an address', encodeURIComponent(asJson(token))],
    ['JSON in an address in an address', encodeURIComponent(encodeURIComponent(asJson(token)))],
  ])('does not show the credential as %s', (_, form) => {
    const secrets = secretsIn(`Bearer ${token}`);
    const answer = { status: 200, location: undefined, body: `no ${form} here` };
    expect(judgeAnswer(answer, 'it', secrets)).toBe('answered 200 OK: no [secret] here');
  });

  it('does not show the beginning of a credential that is cut off at the end', () => {
    const secrets = secretsIn('Bearer 0123456789');
    const cut = { status: 200, location: undefined, body: `${' '.repeat(900)}is 0123%345` };
    expect(judgeAnswer(cut, 'it', secrets)).toBe('answered 200 OK: is [secret]');
    const other = { ...cut, body: 'is 0123 4' };
    expect(judgeAnswer(other, 'it', secrets)).toBe('answered 200 OK: is 0123 4');
  });

  it('does not show a password beyond ASCII, however it is escaped', () => {
    const password = 'größe-💡';
    const secrets = secretsIn(`Basic ${Buffer.from(`ada:${password}`).toString('base64')}`);
    for (const form of [
      encodeURIComponent(password),
      'gr\\u00f6\\u00DFe-\\uD83D\\udca1',
      'gr&#246;&#xDF;e-&#128161;',
    ]) {
      const answer = { status: 200, location: undefined, body: form };
      expect(judgeAnswer(answer, 'it', secrets)).toBe('answered 200 OK: [secret]');
    }
  });

  it('is judged at once, whatever the server made up', async () => {
    const secrets = secretsIn(`Bearer ${'%'.repeat(2_000)}x`);
    for (const char of ['%25', '&amp;', '\\', '%']) {
      const body = char.repeat(4_096).slice(0, 4_096);
      const took = await cpuMs(() => {
        judgeAnswer({ status: 200, location: undefined, body }, 'it', secrets);
      });
      expect(took).toBeLessThan(2_000);
    }
  });

  it('names the host that it leads to, and nothing that may be a secret there', () => {
    expect(() => judge(302, '', 'https://login.example/?token=abc')).toThrow(
      /to https:\/\/login\.example; Jidoka does not follow redirects/,
    );
  });
});

const hexOf = (char: string) => char.charCodeAt(0).toString(16);
const hex = (char: string) => `\\u00${hexOf(char)}`;
