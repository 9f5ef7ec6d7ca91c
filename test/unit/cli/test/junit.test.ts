import { expect, test } from 'vitest';
import { junitXml } from '../../../../src/cli/test/junit.js';
import type { FileResult } from '../../../../src/cli/test/run-files.js';

const passed: FileResult = {
  file: 'a.test.yaml',
  findings: [],
  results: [{ name: 'it works', differences: [], lines: [], story: [] }],
};

test('the results are a suite for each file and a case for each test', () => {
  expect(junitXml([passed])).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="jidoka test" tests="1" failures="0" errors="0">
  <testsuite name="a.test.yaml" tests="1" failures="0" errors="0">
    <testcase classname="a.test.yaml" name="it works"/>
  </testsuite>
</testsuites>
`);
});

test('a test that failed and a file that could not be run are told apart, and both say why', () => {
  const xml = junitXml([
    {
      ...passed,
      results: [
        {
          name: 'it fails',
          differences: [{ place: [], afterMs: 60_000, what: 'effects', lines: ['- web: 2 -> 3'] }],
          lines: [7],
          story: ['  0s  it fires'],
        },
      ],
    },
    {
      file: 'b.test.yaml',
      findings: [
        { file: 'b.test.yaml', line: 3, column: 5, message: 'no', severity: 'error', source: '' },
      ],
      results: [],
    },
  ]);
  expect(xml).toContain('tests="2" failures="1" errors="1"');
  expect(xml).toContain('<failure message="not as expected: effects">a.test.yaml:7: after 1m');
  expect(xml).toContain('- web: 2 -&gt; 3');
  expect(xml).toContain('<error message="it cannot be run">b.test.yaml:3:5: no</error>');
});

test('no text breaks out of the XML, and what XML forbids is taken out', () => {
  const name = `<&>"' \u0000\u001b[31m\ud800 é 🚨 \ufffe ]]> end`;
  const [result] = passed.results;
  if (result === undefined) throw new Error('there is no result');
  const xml = junitXml([{ ...passed, results: [{ ...result, name }] }]);
  expect(xml).toContain('name="&lt;&amp;&gt;&quot;&apos; [31m é 🚨  ]]&gt; end"');
});
