import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseMatchers } from '../../src/alertmanager/matcher.js';
import { MatcherError } from '../../src/alertmanager/matcher-error.js';
import { usePart } from '../support/parts.js';

/*
 * Alertmanager's own tool reads the same matchers and says which of them match. That of Debian (0.25)
 * knows the classic grammar only, so the texts are those that mean the same in both; what only the
 * newer grammar takes stands in test/unit/alertmanager/matcher-utf8.test.ts.
 */

const run = promisify(execFile);

const names = ['foo', 'Foo_1', '_foo', 'a:b'];
const operators = ['=', '!=', '=~', '!~'];
const values = [
  ...['bar', 'BAR', 'bar-1.2/3:4', '🙂', 'a|b', '[a-z]+', '.*', '.+', 'ba.', '(?i)bar', '^bar$'],
  ...['""', '"bar"', '"a b"', '"a,b"', '"{x}"', '"ü"', '"="', '"!~"', '"\'"', '" bar "'],
  ...[String.raw`"a\"b"`, String.raw`"a\\b"`, String.raw`"x\ny"`, String.raw`"\\d+"`],
  ...['"b{1,2}ar"', '"(a|b)c?"', '"x.y"', '"(?s)x.y"', '"[[:digit:]]+"', String.raw`"\\pL+"`],
  ...[String.raw`"\\bbar\\b"`, '"bar|"', '"|"', '"[^a]"', '"(?:)"', '"(?P<n>bar)"', '"a{2,}"'],
];
const spaced = [' foo=bar', 'foo=bar ', 'foo = bar', 'foo\t=~\t"b.*"', '  foo  !=  "bar"  '];
const several = [
  ...[
    'foo=bar,a:b=bar',
    'foo=bar, a:b=bar',
    '{foo=bar}',
    '{foo="bar",a:b!="x"}',
    '{ foo = "bar" }',
  ],
  ...['foo="a,b",a:b=bar', '{foo=~"a|b{1}",a:b=~".+"}', 'foo=bar,foo=bar', 'foo=bar,foo!=bar'],
  ...['foo!="",a:b!=""', 'foo=bar,a:b=bar,Foo_1=bar', 'foo="bar",', '{foo="bar",}', '{foo="}"}'],
];
const wrong = [
  ...['foo', '=bar', 'foo~bar', 'foo!bar', '!foo=bar', '"foo', 'foo="bar', 'foo=bar"', 'foo"=bar'],
  ...['foo=~"("', 'foo=~"[z-a]"', 'foo!~"*"', 'foo=~"a{1001}"', ','],
  ...['foo=~"(?=x)"', 'foo=~"(?!x)"', 'foo=~"(?<=x)"', String.raw`foo=~"\\1"`, 'foo="a"b"', '-'],
];
const corpus = [
  ...names.flatMap((name) => operators.flatMap((op) => values.map((value) => name + op + value))),
  ...spaced,
  ...several,
];
const alerts: Record<string, string>[] = [
  {},
  ...['bar', 'BAR', 'a b', 'a,b', '{x}', 'ü', 'a"b', 'a\\b', 'x\ny', ' bar ', 'aa', 'bc', '7'].map(
    (foo) => ({ foo }),
  ),
  ...['bar-1.2/3:4', '=', "'", '🙂', '}', 'b', '|'].map((foo) => ({ foo, 'a:b': 'bar' })),
  { foo: 'bar', 'a:b': 'bar', Foo_1: 'bar', _foo: 'bar' },
];

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'jidoka-amtool-'));
});

afterAll(() => rm(dir, { recursive: true }));

/** A configuration with a route for each text; the receiver of each is its number. */
async function configure(name: string, texts: readonly string[]): Promise<string> {
  const file = join(dir, name);
  const receivers = ['none', ...texts.map((_, index) => String(index))];
  const routes = texts.map((text, index) => ({
    receiver: String(index),
    matchers: [text],
    continue: true,
  }));
  const config = {
    route: { receiver: 'none', routes },
    receivers: receivers.map((receiver) => ({ name: receiver })),
  };
  // JSON is YAML
  await writeFile(file, JSON.stringify(config));
  return file;
}

function isTaken(text: string): boolean {
  try {
    return parseMatchers(text).length > 0;
  } catch (error) {
    if (error instanceof MatcherError) return false;
    throw error;
  }
}

test('there are several hundred texts', () => {
  expect(new Set(corpus).size).toBeGreaterThan(500);
});

test('what amtool refuses is refused', async () => {
  const files = await Promise.all(
    wrong.map((text, index) => configure(`wrong-${index}.yml`, [text])),
  );
  const checking = run(usePart('alertmanager').amtool, ['check-config', ...files]);
  const { stdout } = await checking.catch((error: { stdout: string }) => error);
  const refused = [...stdout.matchAll(/wrong-(\d+)\.yml'\s+FAILED/g)].map(([, index]) =>
    Number(index),
  );
  expect(refused).toEqual(wrong.map((_, index) => index));
  expect(wrong.filter(isTaken)).toEqual([]);
});

describe('what amtool takes is taken, and matches the same alerts', () => {
  test.each(alerts)('%j', async (labels) => {
    const file = await configure('corpus.yml', corpus);
    const given = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    const args = ['config', 'routes', 'test', `--config.file=${file}`, ...given];
    const { stdout } = await run(usePart('alertmanager').amtool, args);
    const matched = new Set(stdout.trim().split(','));
    const differing = corpus.filter((text, index) => {
      const ours = parseMatchers(text).every((matcher) => matcher.matches(labels));
      return ours !== matched.has(String(index));
    });
    expect(differing).toEqual([]);
  });
});
