import type { JsonSchema } from './json-schema.js';

/** A row of the reference. */
interface Row {
  readonly key: string;
  readonly type: string;
  readonly fallback: string;
  readonly meaning: string;
}

/** What the reference shows: the JSON Schemas of a playbook and of the policy. */
export interface ReferenceOptions {
  readonly playbook: JsonSchema;
  readonly policy: JsonSchema;
}

/** The generated parts of docs/reference/playbooks.md, in Markdown, by the name of their place in it. */
export function referenceParts({ playbook, policy }: ReferenceOptions): Record<string, string> {
  const step = playbook.properties?.steps?.items ?? {};
  const entries = Object.entries(step.properties ?? {});
  const actions = entries.filter(([name]) => name.includes('.'));
  const settings = Object.fromEntries(entries.filter(([name]) => !name.includes('.')));
  const sections = actions.map(
    ([name, action]) => `### ${name}\n\n${action.description}\n\n${table(rowsOf(action))}`,
  );
  // steps have tables of their own
  const { items: _, ...steps } = playbook.properties?.steps ?? {};
  const without = { ...playbook, properties: { ...playbook.properties, steps } };
  return {
    playbook: table(rowsOf(without)),
    step: table(rowsOf({ properties: settings })),
    actions: sections.join('\n\n'),
    policy: table(rowsOf(policy)),
  };
}

/** The same for docs/reference/jobs.md, from the JSON Schema of jobs. */
export function jobsReferenceParts(schema: JsonSchema): Record<string, string> {
  const { additionalProperties: job } = schema.properties?.jobs ?? {};
  if (typeof job !== 'object') throw new Error('the schema of jobs holds no job');
  const { inputs = {}, ...others } = job.properties ?? {};
  const { additionalProperties: _, ...brief } = inputs;
  return { job: table(rowsOf({ ...job, properties: { ...others, inputs: brief } })) };
}

/** The same for docs/reference/playbook-tests.md, from the JSON Schema of tests. */
export function testReferenceParts(schema: JsonSchema): Record<string, string> {
  const { tests, policy, ...others } = schema.properties ?? {};
  // what a policy takes stands in the reference of playbooks
  const { properties: _, ...brief } = policy ?? {};
  const file = { policy: brief, ...others };
  const { expect = {}, ...test } = tests?.items?.properties ?? {};
  for (const [key, { additionalProperties: _, ...brief }] of Object.entries(test)) {
    // the table of the file has what targets take
    if (key in file) test[key] = brief;
  }
  return {
    file: table(rowsOf({ ...schema, properties: file })),
    test: table(rowsOf({ ...tests?.items, properties: test })),
    expect: table(rowsOf(expect.items ?? {})),
  };
}

/**
 * A document with its generated parts replaced: what stands between `<!-- generated: NAME -->` and
 * `<!-- end -->`.
 *
 * @throws Error for a part that has no place in the document, and a place that has no part.
 */
export function fillReference(document: string, parts: Readonly<Record<string, string>>): string {
  const missing = new Set(Object.keys(parts));
  const filled = document.replace(
    /(<!-- generated: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, begin: string, name: string, end: string) => {
      const part = parts[name];
      if (part === undefined) throw new Error(`there is no generated part ${name}`);
      missing.delete(name);
      return `${begin}\n${part}\n\n${end}`;
    },
  );
  if (missing.size === 0) return filled;
  throw new Error(`the document has no place for ${[...missing].join(', ')}`);
}

/** A row for each key, those of inner mappings with the names of both. */
function rowsOf(schema: JsonSchema, prefix = ''): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, each]) => {
    const key = prefix + name;
    if (each.description === undefined) throw new Error(`${key}: expected a description`);
    const row = {
      key,
      type: typeOf(each),
      fallback: schema.required?.includes(name) ? 'required' : code(each.default),
      meaning: each.description + exampleOf(each),
    };
    const { additionalProperties: others } = each;
    return [
      row,
      ...rowsOf(each, `${key}.`),
      ...rowsOf(each.items ?? {}, `${key}[].`),
      ...rowsOf(typeof others === 'object' ? others : {}, `${key}.NAME.`),
    ];
  });
}

/** The type in words: `duration`, `list of limit`, `whole number`. */
function typeOf(schema: JsonSchema): string {
  if (schema.title !== undefined) return schema.title;
  if (schema.enum !== undefined) return schema.enum.map(code).join(', ');
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' or ');
  switch (schema.type) {
    case 'array':
      return schema.items === undefined || schema.items.type === 'object'
        ? 'list'
        : `list of ${typeOf(schema.items)}`;
    case 'string':
      return 'string';
    case 'number':
      return 'number';
    case 'integer':
      return 'whole number';
    case 'boolean':
      return '`true`, `false`';
    case 'object':
      return 'mapping';
    default:
      throw new Error(`the reference has no word for the type ${JSON.stringify(schema)}`);
  }
}

function exampleOf({ examples = [] }: JsonSchema): string {
  return examples.length === 0 ? '' : ` Example: ${examples.map(code).join(', ')}.`;
}

/** A value as it is written in YAML's flow style. */
function code(value: unknown): string {
  if (value === undefined) return '';
  const text = (each: unknown): string => {
    if (Array.isArray(each)) return `[${each.map(text).join(', ')}]`;
    if (typeof each === 'object' && each !== null) {
      const pairs = Object.entries(each).map(([key, inner]) => `${key}: ${text(inner)}`);
      return `{ ${pairs.join(', ')} }`;
    }
    const plain = typeof each !== 'string' || /^[\w$][\w .:=/%-]*$/.test(each);
    return plain ? String(each) : `'${String(each).replaceAll("'", "''")}'`;
  };
  return `\`${text(value)}\``;
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ key, type, fallback, meaning }) =>
    [`\`${key}\``, type, fallback, meaning].map((cell) => cell.replaceAll('|', '\\|')).join(' | '),
  );
  return ['| Key | Type | Default | Meaning |', '|---|---|---|---|']
    .concat(lines.map((line) => `| ${line} |`))
    .join('\n');
}
