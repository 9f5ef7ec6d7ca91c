import { describeFailure } from './report.js';
import type { FileResult } from './run-files.js';

/** The results as XML of JUnit, which continuous integration shows test by test. */
export function junitXml(files: readonly FileResult[]): string {
  const suites = files.map((file) => suite(file));
  const tests = files.reduce((sum, file) => sum + countOf(file), 0);
  const failures = files.reduce((sum, file) => sum + failuresOf(file), 0);
  const errors = files.filter(({ findings }) => findings.length > 0).length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="jidoka test" tests="${tests}" failures="${failures}" errors="${errors}">`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
}

function suite(result: FileResult): string {
  const { file, findings, results } = result;
  const errors = findings.length > 0 ? 1 : 0;
  const head = `  <testsuite name="${asXml(file)}" tests="${countOf(result)}" failures="${failuresOf(result)}" errors="${errors}">`;
  const broken = findings.map(
    (finding) => `${finding.file}:${finding.line}:${finding.column}: ${finding.message}`,
  );
  const cases = results.map((each) => {
    const name = `    <testcase classname="${asXml(file)}" name="${asXml(each.name)}"`;
    if (each.differences.length === 0) return `${name}/>`;
    const message = each.differences.map(({ what }) => what).join(', ');
    const text = describeFailure(file, each).join('\n');
    return `${name}>\n      <failure message="${asXml(`not as expected: ${message}`)}">${asXml(text)}</failure>\n    </testcase>`;
  });
  const unread =
    errors === 0
      ? []
      : [
          `    <testcase classname="${asXml(file)}" name="the file can be read">\n      <error message="it cannot be run">${asXml(broken.join('\n'))}</error>\n    </testcase>`,
        ];
  return [head, ...unread, ...cases, '  </testsuite>'].join('\n');
}

/** A file that could not be run counts as one test that did not pass. */
function countOf({ findings, results }: FileResult): number {
  return results.length + (findings.length > 0 ? 1 : 0);
}

function failuresOf({ results }: FileResult): number {
  return results.filter(({ differences }) => differences.length > 0).length;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\n': '&#10;',
};

/** A text as XML 1.0 takes it: what it forbids altogether is taken out. (https://www.w3.org/TR/xml/#charsets) */
function asXml(text: string): string {
  return text
    .replace(/[^\t\n\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"'\n]/g, (char) => entities[char] ?? char);
}
