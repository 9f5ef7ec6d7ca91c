import { describe, expect, it } from 'vitest';
import { judgeAnswer, secretsIn } from '../../../src/target/http-answer.js';

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

  it('names the host that it leads to, and nothing that may be a secret there', () => {
    expect(() => judge(302, '', 'https://login.example/?token=abc')).toThrow(
      /to https:\/\/login\.example; redirects are not followed/,
    );
  });
});
