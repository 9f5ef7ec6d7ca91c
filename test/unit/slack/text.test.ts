import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bold, code, dateToken, linesWithin, mrkdwn, plain } from '../../../src/slack/text.js';

describe('markup', () => {
  it('escapes what Slack gives a meaning to', () => {
    expect(mrkdwn('a & b < c > d', 100)).toBe('a &amp; b &lt; c &gt; d');
  });

  it('never lets a mention come alive', () => {
    expect(mrkdwn('<!channel> <@U123> <#C1> @here @Everyone', 200)).toBe(
      '&lt;\u2060!channel&gt; &lt;\u2060@U123&gt; &lt;\u2060#C1&gt; @\u2060here @\u2060Everyone',
    );
    expect(plain('<!channel> @channel', 200)).toBe('<\u2060!channel> @\u2060channel');
  });

  it('never cuts within an entity', () => {
    expect(mrkdwn('a&b', 6)).toBe('a…');
    expect(mrkdwn('a&b', 7)).toBe('a&amp;b');
  });

  it('never cuts within a character as people see it', () => {
    expect(mrkdwn('ab👩‍👩‍👧‍👦c', 12)).toBe('ab…');
    expect(mrkdwn('🇩🇪🇫🇷', 6)).toBe('🇩🇪…');
    expect(mrkdwn('e\u0301e\u0301', 3)).toBe('e\u0301…');
  });

  it('keeps text that just fits', () => {
    expect(mrkdwn('abcde', 5)).toBe('abcde');
    expect(mrkdwn('abcdef', 5)).toBe('abcd…');
  });

  it('counts what takes two characters in JSON as two', () => {
    expect(mrkdwn('""""', 7)).toBe('"""…');
    expect(mrkdwn('""""', 8)).toBe('""""');
  });

  it('keeps right-to-left words and drops what turns the text around them', () => {
    expect(mrkdwn('שלום \u202Egnp.exe\u202C \u2066x\u2069', 100)).toBe(
      'שלום \\u202egnp.exe\\u202c \\u2066x\\u2069',
    );
  });

  it('shows controls and half characters, but not line breaks', () => {
    expect(mrkdwn('a\u0000\u001B\u009Bb\r\nc\uD800d', 100)).toBe(
      'a\\u0000\\u001b\\u009bb\nc\uFFFDd',
    );
  });
});

describe('text between backticks', () => {
  it('cannot be left by a backtick or a line break', () => {
    expect(code('a`*b*`\n```c', 100)).toBe('`aˋ*b*ˋ ˋˋˋc`');
  });

  it('says that it is empty', () => {
    expect(code(' ', 100)).toBe('_empty_');
  });
});

it('bold text cannot be ended by an asterisk in it', () => {
  expect(bold('a* b', 100)).toBe('*a∗ b*');
});

it('a date is shown in the time zone of its reader, and in UTC where that is not possible', () => {
  expect(dateToken(Date.UTC(2026, 2, 4, 5, 6, 7))).toBe(
    '<!date^1772600767^{date_short_pretty} at {time}|2026-03-04 05:06 UTC>',
  );
});

describe('lines within a limit', () => {
  const left = (count: number) => `+${count}`;

  it('are kept whole, and the others counted', () => {
    expect(linesWithin(['aaa', 'bbb', 'ccc'], 13, left)).toBe('aaa\nbbb\nccc');
    expect(linesWithin(['aaa', 'bbb', 'ccc'], 12, left)).toBe('aaa\nbbb\n+1');
    expect(linesWithin(['aaa', 'bbb', 'ccc'], 7, left)).toBe('aaa\n+2');
    expect(linesWithin(['aaa', 'bbb', 'ccc'], 3, left)).toBe('+3');
    expect(linesWithin(['aaa', 'bbb', 'ccc'], 1, left)).toBe('');
  });
});

it('no text is ever longer than its limit, as it is and as JSON', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc.string({ unit: fc.constantFrom('&', '<', '"', '\\', '\n', '`', '*', '\uD83D', 'é') }),
  );
  fc.assert(
    fc.property(texts, fc.integer({ min: 3, max: 40 }), (text, max) => {
      for (const render of [mrkdwn, plain, code, bold]) {
        const rendered = render(text, max);
        if (rendered === '_empty_') continue;
        expect(JSON.stringify(rendered).length - 2).toBeLessThanOrEqual(max);
      }
    }),
  );
}, 30_000);
