import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileCel } from '../../../src/playbook/cel.js';

/** Names that every object of JavaScript has, and words that CEL or JavaScript keeps for itself. */
const odd = [
  ...Object.getOwnPropertyNames(Object.prototype),
  ...['prototype', 'length', 'name', 'size', 'get', 'has', 'then', 'toJSON'],
  ...['namespace', 'package', 'import', 'function', 'for', 'var', 'void', 'in', 'true', 'null'],
];

function run(
  text: string,
  given: { labels?: Record<string, string>; annotations?: Record<string, string> } = {},
): unknown {
  return compileCel(text).run({ labels: {}, annotations: {}, worker_asg: '', ...given });
}

/** Labels as they come in: `__proto__` is a name like any other in JSON. */
function labelled(name: string, value: string): Record<string, string> {
  return JSON.parse(`{${JSON.stringify(name)}: ${JSON.stringify(value)}}`) as Record<
    string,
    string
  >;
}

describe.each(['labels', 'annotations'])('a name in %s', (map) => {
  test.each(odd)('%s is there where it was given, and only there', (name) => {
    const given = { [map]: labelled(name, 'x') };
    expect(run(`"${name}" in ${map}`, given)).toBe(true);
    expect(run(`"${name}" in ${map}`)).toBe(false);
    expect(run(`${map}["${name}"]`, given)).toBe('x');
    expect(() => run(`${map}["${name}"]`)).toThrow(`${JSON.stringify(name)} is missing`);
    expect(run(`${map}.exists(name, name == "${name}" && ${map}[name] == "x")`, given)).toBe(true);
    expect(run(`size(${map})`, given)).toBe(1n);
    expect(run(`${map} == {"${name}": "x"}`, given)).toBe(true);
    expect(run(`${map} == {"${name}": "y"}`, given)).toBe(false);
    expect(run(`${map}.map(name, name)[0]`, given)).toBe(name);
  });

  test.each(odd.filter((name) => !['in', 'true', 'null'].includes(name)))(
    '%s is selected with a dot',
    (name) => {
      const given = { [map]: labelled(name, 'x') };
      expect(run(`${map}.${name}`, given)).toBe('x');
      expect(run(`has(${map}.${name})`, given)).toBe(true);
      expect(run(`has(${map}.${name})`)).toBe(false);
    },
  );
});

test.each(odd)('a map that is written out holds %s', (name) => {
  expect(run(`{"${name}": "x", "other": "y"}[labels.kind]`, { labels: { kind: name } })).toBe('x');
  expect(run(`labels.kind in {"${name}": "x"}`, { labels: { kind: name } })).toBe(true);
  expect(run(`size({"${name}": "x"})`)).toBe(1n);
});

test('what JSON says is a map too, whatever its keys', () => {
  const json = '{"constructor": {"__proto__": [1, {"toString": "x"}]}}';
  const path = '.constructor["__proto__"][1].toString';
  expect(run(`bytes(annotations.json).json()${path}`, { annotations: { json } })).toBe('x');
});

test('keys that are no texts are compared as before', () => {
  expect(run('{1: "a", 2: "b"}[2]')).toBe('b');
  expect(run('{true: "a"}[true]')).toBe('a');
});

const manyLabels = Object.fromEntries(
  Array.from({ length: 3_000 }, (_, index) => [`label_${index}`, `value ${index}`]),
);
const long = 'x'.repeat(60_000);
const ten = '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]';

test.each([
  ['nested macros', 'labels.all(a, labels.all(b, a != "" && b != ""))'],
  ['nested macros that end early', 'labels.exists(a, labels.exists(b, a == "" || b == ""))'],
  ['a macro that maps each label', 'size(labels.map(a, labels.map(b, a + b))) > 0'],
  ['a macro that filters', 'size(labels.filter(a, labels.exists_one(b, a == b))) > 0'],
  ['what || would take for no answer', 'labels.all(a, labels.all(b, true)) || true'],
  ['what && would take for no answer', 'labels.exists(a, !labels.all(b, true)) && false'],
  [
    'macros that end with their first round',
    `${ten}.all(n, labels.all(a, labels.exists(b, true)))`,
  ],
  ['a text that is too long, before ||', `${doubled('labels.long + labels.long')} || true`],
  ['a condition around it', 'labels.all(a, labels.all(b, true)) ? true : true'],
  ['macros over lists that are written out', nested(6)],
  ['texts that double', doubled('labels.long + labels.long')],
  ['lists that double', doubled(`${ten}.map(a, ${ten}.map(b, b))`)],
  ['lists in lists, compared', compared(5)],
  ['a text taken to pieces', 'size(labels.long.split("")) > 0'],
  ['a long separator', 'size(labels.map(a, a).join(labels.long)) > 0'],
  ['a pattern in each label', 'labels.all(a, labels.all(b, a.matches("(a|b|c){20}x") == false))'],
  ['patterns out of labels', 'labels.all(a, !"y".matches(labels[a] + "{100}"))'],
  ['a long pattern out of a label', 'labels.long.matches(labels.long)'],
  ['a long duration', 'duration(labels.digits) > duration("1s")'],
  ['zones of time', 'labels.all(a, timestamp(0).getHours("Europe/Berlin") >= 0)'],
])('an evaluation beyond its budget fails: %s', (_, text) => {
  const labels = { ...manyLabels, long, digits: '1'.repeat(20_000) };
  const program = compileCel(text);
  const begin = process.cpuUsage();
  expect(() => program.run({ labels, annotations: {}, worker_asg: '' })).toThrow(
    /^(the evaluation takes|a (string|list|pattern|duration) has) more than .* for this alert/,
  );
  const { user } = process.cpuUsage(begin);
  expect(user / 1_000).toBeLessThan(500);
});

test('the same evaluation takes the same steps each time', () => {
  // just within the budget, and just beyond it
  const within = labelsOf(edge() - 1);
  const beyond = labelsOf(edge());
  const program = compileCel('labels.all(a, labels.all(b, true))');
  const evaluate = (labels: object) => program.run({ labels, annotations: {}, worker_asg: '' });
  for (let time = 0; time < 3; time += 1) {
    expect(evaluate(within)).toBe(true);
    expect(() => evaluate(beyond)).toThrow('steps');
  }
});

test('what people write is far within the budget', () => {
  const labels = labelsOf(100);
  expect(run('labels.all(a, labels.exists(b, a == b))', { labels })).toBe(true);
  expect(run('labels.filter(a, a.startsWith("l")).size() > 1', { labels })).toBe(true);
  expect(run('"x" in labels || labels.l1.matches("^v.*[0-9]+$")', { labels })).toBe(true);
});

test('an expression of too many parts is refused when it is loaded', () => {
  expect(() => compileCel(Array(5_000).fill('true').join(' && '))).toThrow('maxAstNodes');
});

test('what one evaluation left over is not taken from the next', () => {
  const spent = compileCel('labels.all(a, labels.all(b, true))');
  expect(() => spent.run({ labels: manyLabels, annotations: {}, worker_asg: '' })).toThrow('steps');
  expect(run('labels.a == "b"', { labels: { a: 'b' } })).toBe(true);
});

test('whatever the names of labels are, each is found', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string()), (labels) => {
      expect(run('labels.all(name, name in labels)', { labels })).toBe(true);
      expect(run('size(labels)', { labels })).toBe(BigInt(Object.keys(labels).length));
    }),
  );
});

function labelsOf(count: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`l${index}`, `v${index}`]),
  );
}

/** With so many labels two nested macros go beyond the budget. */
function edge(): number {
  const program = compileCel('labels.all(a, labels.all(b, true))');
  for (let count = 1; ; count += 1) {
    try {
      program.run({ labels: labelsOf(count), annotations: {}, worker_asg: '' });
    } catch {
      return count;
    }
  }
}

function nested(depth: number): string {
  return depth === 0 ? 'true' : `${ten}.all(n${depth}, ${nested(depth - 1)})`;
}

/** A value put together with itself, twenty times. */
function doubled(value: string): string {
  const add = (depth: number): string =>
    depth === 0
      ? 'size(v0) > 0'
      : `cel.bind(v${depth - 1}, v${depth} + v${depth}, ${add(depth - 1)})`;
  return `cel.bind(v20, ${value}, ${add(20)})`;
}

/** A list of lists of lists …, each of ten times the same one: small in memory, large to compare. */
function compared(depth: number): string {
  const wrap = (level: number): string =>
    level === 0
      ? 'v0 == w0'
      : `cel.bind(v${level - 1}, ${ten}.map(n, v${level}), cel.bind(w${level - 1}, ${ten}.map(n, w${level}), ${wrap(level - 1)}))`;
  return `cel.bind(v${depth}, ${ten}, cel.bind(w${depth}, ${ten}.map(n, n), ${wrap(depth)}))`;
}
