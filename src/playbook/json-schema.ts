import { z } from 'zod';
import type { AnyAction } from '../integrations/contract/action.js';
import { formatDuration } from '../lib/time.js';
import { jobsSchema } from './job-schema.js';
import { policySchema } from './policy-schema.js';
import { createPlaybookSchema } from './schema.js';
import { type TestLanguage, testLanguage } from './test/schema.js';

/** A JSON Schema (draft 7, which editors know best), as far as playbooks need it. */
export interface JsonSchema {
  $schema?: string;
  $id?: string;
  title?: string;
  description?: string;
  type?: string | readonly string[];
  enum?: readonly unknown[];
  const?: unknown;
  default?: unknown;
  examples?: readonly unknown[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  not?: JsonSchema;
  if?: JsonSchema;
  then?: JsonSchema;
  else?: JsonSchema;
}

/** An expression in place of a parameter's value. */
const expression: JsonSchema = { title: 'expression', type: 'string', pattern: '\\$\\{\\{' };

/** The JSON Schema of a playbook whose steps use these actions: what editors complete and check with. */
export function playbookJsonSchema(actions: ReadonlyMap<string, AnyAction>): JsonSchema {
  const schema = toJsonSchema(createPlaybookSchema(actions));
  const step = schema.properties?.steps?.items;
  if (step?.properties === undefined) throw new Error('the schema of playbooks holds no steps');
  for (const action of actions.values()) step.properties[action.name] = paramsSchema(action);
  step.oneOf = [...actions.keys()].map((name) => ({ required: [name] }));
  return {
    ...schema,
    title: 'Jidoka playbook',
    if: { properties: { ignore: { const: true } }, required: ['ignore'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { not: { required: ['steps'] } },
    else: { required: ['steps'] },
  };
}

/** The JSON Schema of `policy.yaml`. */
export function policyJsonSchema(): JsonSchema {
  return { ...toJsonSchema(policySchema), title: 'Jidoka policy' };
}

/** The JSON Schema of `jobs.yaml`. */
export function jobsJsonSchema(): JsonSchema {
  return { ...toJsonSchema(jobsSchema), title: 'Jidoka jobs' };
}

/** The JSON Schema of a file of playbook tests; of all integrations, where no others are given. */
export function playbookTestJsonSchema({ schema }: TestLanguage = testLanguage): JsonSchema {
  return { ...toJsonSchema(schema), title: 'Jidoka playbook tests' };
}

/** An action's parameters; each value may also be an expression, which is checked against its type later. */
function paramsSchema(action: AnyAction): JsonSchema {
  const { $schema: _, ...schema } = toJsonSchema(action.params);
  return { ...withExpressions(schema), description: action.summary };
}

/** A list or a mapping whose values may each be an expression. */
function withExpressions(schema: JsonSchema): JsonSchema {
  const { properties, items, additionalProperties: others } = schema;
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, each]) => [name, orExpression(each)]),
      ),
    }),
    ...(items && { items: orExpression(items) }),
    ...(typeof others === 'object' && { additionalProperties: orExpression(others) }),
  };
}

function orExpression(schema: JsonSchema): JsonSchema {
  if (schema.type === 'object' || schema.type === 'array') return withExpressions(schema);
  const takesText = ({ type, enum: words, anyOf }: JsonSchema): boolean =>
    ([type].flat().includes('string') && words === undefined) || (anyOf?.some(takesText) ?? false);
  if (takesText(schema)) return schema;
  const { description, default: fallback, ...own } = schema;
  return {
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
    anyOf: [own, expression],
  };
}

function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => tidy(jsonSchema as JsonSchema, zodSchema),
  }) as JsonSchema;
}

/**
 * Puts back the default values and examples, as they are written in YAML, which zod leaves out where a
 * text is read into something else; and takes out bounds that only say what a number can be.
 */
function tidy(schema: JsonSchema, zodSchema: z.core.$ZodTypes): void {
  const { def } = zodSchema._zod;
  const examples = z.globalRegistry.get(zodSchema)?.examples;
  if (Array.isArray(examples)) schema.examples = examples;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (def.type !== 'default' && def.type !== 'prefault') return;
  schema.default = asWritten(def.defaultValue, schema);
  if (JSON.stringify(schema.default) === '{}') delete schema.default;
}

function asWritten(value: unknown, schema: JsonSchema): unknown {
  if (schema.title === 'duration' && typeof value === 'number') return formatDuration(value);
  if (Array.isArray(value)) return value.map((each) => asWritten(each, {}));
  // a limit knows how it was written
  return typeof value === 'object' && value !== null && 'text' in value ? value.text : value;
}
