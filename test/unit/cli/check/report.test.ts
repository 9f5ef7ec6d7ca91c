import { expect, test } from 'vitest';
import type { Finding } from '../../../../src/cli/check/findings.js';
import { report } from '../../../../src/cli/check/report.js';

const error: Finding = {
  severity: 'error',
  file: 'a:b,c.yaml',
  line: 3,
  column: 5,
  message: '100% wrong\nreally',
  source: '\tx: \u001b[31mred',
};
const warning: Finding = {
  ...error,
  severity: 'warning',
  file: 'b.yaml',
  source: 'x: "a b" # c',
  column: 4,
};
const plain = { color: false };

test('a finding is shown with its line, and marks under its word', () => {
  expect(report({ files: 2, findings: [warning] }, 'text', plain)).toBe(
    [
      'b.yaml:3:4: warning: 100% wrong\\nreally',
      '   3 | x: "a b" # c',
      '     |    ^^^^^',
      '',
      '2 files, no errors, 1 warning',
      '',
    ].join('\n'),
  );
});

test('the mark stands under its word behind tabs too, and nothing moves the cursor', () => {
  const text = report({ files: 1, findings: [error] }, 'text', plain);
  expect(text).toContain('   3 | \tx: \\u001b[31mred\n     | \t   ^');
  expect(text).not.toContain('\u001b');
});

test('a file that could not be read has no line to show', () => {
  const { source: _, ...rest } = error;
  expect(report({ files: 1, findings: [{ ...rest, source: undefined }] }, 'text', plain)).toBe(
    'a:b,c.yaml:3:5: error: 100% wrong\\nreally\n\n1 file, 1 error, no warnings\n',
  );
});

test('colours are there if they are wanted', () => {
  const text = report({ files: 1, findings: [error, warning] }, 'text', { color: true });
  expect(text).toContain('\u001b[31merror');
  expect(text).toContain('\u001b[33mwarning');
});

test('GitHub gets commands that nothing in a file can break out of', () => {
  expect(report({ files: 2, findings: [error, warning] }, 'github', plain)).toBe(
    [
      '::error file=a%3Ab%2Cc.yaml,line=3,col=5,title=jidoka check::100%25 wrong%0Areally',
      '::warning file=b.yaml,line=3,col=4,title=jidoka check::100%25 wrong%0Areally',
      '2 files, 1 error, 1 warning',
      '',
    ].join('\n'),
  );
});

test('a program gets all in one JSON object', () => {
  const text = report({ files: 2, findings: [error, warning] }, 'json', plain);
  const { source: _, ...listed } = error;
  expect(JSON.parse(text)).toMatchObject({ files: 2, errors: 1, warnings: 1 });
  expect(JSON.parse(text).findings[0]).toEqual(listed);
});
