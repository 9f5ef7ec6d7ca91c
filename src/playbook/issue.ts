import { z } from 'zod';
import { nearestWord } from './problem.js';
import { maxDocumentFaults } from './size-limits.js';
import type { Place } from './yaml-source.js';

/** A fault that a schema found, in words, and where. */
export interface Fault extends Place {
  readonly message: string;
}

/** What an issue of code `custom` may carry in its `params`. */
export type IssueParams = Pick<Place, 'offset' | 'onKey'>;

/** A JSON Schema, as far as it is walked here. */
interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  /** What mappings hold whose keys may be any; `false` where there are no others. */
  readonly additionalProperties?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
}

type Issue = z.core.$ZodIssue;

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping (key: value)',
  record: 'a mapping (key: value)',
};

/**
 * Puts the issues of a schema into words: what was expected, what was found, and the nearest valid
 * word where one was mistyped. `value` is what was checked.
 */
export function explainIssues(
  schema: z.ZodType,
  issues: readonly Issue[],
  value: unknown,
): Fault[] {
  return issues
    .slice(0, maxDocumentFaults)
    .flatMap(resolveUnion)
    .flatMap((issue) => explain(schema, issue, value))
    .slice(0, maxDocumentFaults);
}

/** A fault's message with the name of its place: `steps[0].settle: expected …`. */
export function faultText(fault: Fault): string {
  const name = nameOf(fault.onKey ? fault.path.slice(0, -1) : fault.path);
  return name === '' ? fault.message : `${name}: ${fault.message}`;
}

function explain(schema: z.ZodType, issue: Issue, value: unknown): Fault[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path);
    return issue.keys.slice(0, maxDocumentFaults).map((key) => ({
      path: [...path, key],
      onKey: true,
      message: `unknown key ${JSON.stringify(key)}: expected one of ${known.join(', ')}${suggestion(key, known) || misplaced(schema, key)}`,
    }));
  }
  if (issue.code === 'invalid_key') {
    const [first] = issue.issues;
    const key = JSON.stringify(path.at(-1));
    return [{ path, onKey: true, message: `${key}: ${first?.message ?? issue.message}` }];
  }
  if (issue.code === 'custom') {
    const params: IssueParams = issue.params ?? {};
    return [{ path, ...params, message: issue.message }];
  }
  const expected = expectedBy(issue);
  if (expected === undefined) return [{ path, message: issue.message }];
  const found = valueAt(value, path);
  const message =
    found === undefined
      ? `missing; expected ${expected}`
      : `expected ${expected}, got ${describe(found)}${suggest(issue, found)}`;
  return [{ path, message }];
}

/** Of a union, the branch that came furthest; the union itself where none got past the type. */
function resolveUnion(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const branch = issue.errors.find(
    ([first]) => first !== undefined && !(first.code === 'invalid_type' && first.path.length === 0),
  );
  if (branch === undefined) return [issue];
  return branch.flatMap((inner) =>
    resolveUnion({ ...inner, path: [...issue.path, ...inner.path] }),
  );
}

/** What was expected; `undefined` where the issue's own message says it all. */
function expectedBy(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return typeNames[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.length === 1
        ? String(issue.values[0])
        : `one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_union':
      return issue.errors
        .flatMap(([first]) => (first === undefined ? [] : [expectedBy(first) ?? first.message]))
        .join(' or ');
    case 'too_small':
    case 'too_big':
      return expectedSize(issue);
    default:
      return undefined;
  }
}

function expectedSize(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const [word, bound] =
    issue.code === 'too_small' ? ['at least', issue.minimum] : ['at most', issue.maximum];
  if (issue.origin === 'string') {
    return issue.code === 'too_small' && bound === 1
      ? 'a non-empty string'
      : `a string of ${word} ${bound} characters`;
  }
  if (issue.origin === 'array') return `${word} ${bound} ${bound === 1 ? 'entry' : 'entries'}`;
  return `a number of ${word} ${bound}`;
}

function suggest(issue: Issue, found: unknown): string {
  if (issue.code === 'invalid_type' && issue.expected === 'array' && typeof found !== 'object') {
    return `; write a list of one as [${String(found)}]`;
  }
  if (issue.code !== 'invalid_value' || typeof found !== 'string') return '';
  return suggestion(found, issue.values.map(String));
}

function suggestion(word: string, words: readonly string[]): string {
  const nearest = nearestWord(word, words);
  return nearest === undefined ? '' : `; did you mean ${JSON.stringify(nearest)}?`;
}

/** Where else a key would be right; empty where it is not known at all. */
function misplaced(schema: z.ZodType, key: string): string {
  const parent = parentOf(toJsonSchema(schema), key, '');
  if (parent === undefined) return '';
  return parent === '' ? '; move it to the top level' : `; move it under ${parent}`;
}

/** The name of the mapping that takes a key, the one on top being empty. */
function parentOf(schema: JsonSchema, key: string, name: string): string | undefined {
  if (Object.hasOwn(schema.properties ?? {}, key)) return name;
  const inner = Object.entries(schema.properties ?? {}).map(
    ([property, each]) => [each, name === '' ? property : `${name}.${property}`] as const,
  );
  const entries = schema.items === undefined ? [] : [[schema.items, `${name}[…]`] as const];
  for (const [each, place] of [...inner, ...entries]) {
    const found = parentOf(each, key, place);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A JSON Schema takes milliseconds to make, and a file may have many faults. */
const jsonSchemas = new WeakMap<z.ZodType, JsonSchema>();

function toJsonSchema(schema: z.ZodType): JsonSchema {
  const known = jsonSchemas.get(schema);
  if (known !== undefined) return known;
  const made = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  jsonSchemas.set(schema, made);
  return made;
}

/** The keys that a schema takes at a path. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at = toJsonSchema(schema);
  for (const key of path) {
    const branches = [at, ...(at.anyOf ?? [])];
    const next = branches
      .map((branch) => (typeof key === 'number' ? branch.items : valueSchema(branch, String(key))))
      .find((branch) => branch !== undefined);
    if (next === undefined) return [];
    at = next;
  }
  return Object.keys(at.properties ?? {});
}

function valueSchema({ properties, additionalProperties }: JsonSchema, key: string) {
  const others = typeof additionalProperties === 'object' ? additionalProperties : undefined;
  return properties?.[key] ?? others;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? at[key as keyof typeof at] : undefined),
    value,
  );
}

/** `steps[0].settle` */
function nameOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((name, key) => {
    if (typeof key === 'number') return `${name}[${key}]`;
    return name === '' ? String(key) : `${name}.${String(key)}`;
  }, '');
}

function describe(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a mapping';
  return JSON.stringify(value);
}
