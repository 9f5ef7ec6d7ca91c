import { compileAnchoredRegex } from '../../alertmanager/regex.js';
import { parseDuration } from '../../lib/duration.js';
import { InputError } from '../../lib/errors.js';
import type { JobDefinition, JobInput, JobValue } from './job.js';

/** The most characters of any value, whatever its input allows. */
export const maxValueLength = 4_000;

/** Characters that end lines or texts, or have no meaning as text. */
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

/** Names of Swarm services, and host names, ids and addresses of nodes. */
const serviceName = /^[a-zA-Z0-9](?:[a-zA-Z0-9_.-]{0,61}[a-zA-Z0-9])?$/;
const nodeName = /^[a-zA-Z0-9[:][a-zA-Z0-9._:[\]-]{0,254}$/;
const decimal = /^-?\d{1,15}(?:\.\d{1,15})?$/;

/**
 * Reads what a step gives for the inputs of a job: each of its type, defaults filled in.
 *
 * @throws InputError that names the input and what was expected.
 */
export function readJobValues(
  { name, inputs }: Pick<JobDefinition, 'name' | 'inputs'>,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, JobValue>> {
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(inputs, key)) {
      const known = Object.keys(inputs).join(', ') || 'none';
      throw new InputError(`job ${name} has no input ${JSON.stringify(key)}; it has ${known}`, key);
    }
  }
  const values = Object.entries(inputs).map(([key, input]) => {
    const value = Object.hasOwn(given, key) ? given[key] : input.default;
    if (value === undefined) throw new InputError(`${key}: missing; job ${name} needs it`, key);
    return [key, readJobValue(key, input, value)] as const;
  });
  return Object.fromEntries(values);
}

/**
 * Reads one value of a job.
 *
 * @throws InputError that names the input and what was expected.
 */
export function readJobValue(key: string, input: JobInput, value: unknown): JobValue {
  const refuse = (expected: string) =>
    new InputError(`${key}: expected ${expected}, got ${shown(value)}`, key);
  if (!isScalar(value)) throw refuse('a string, a number, true or false');
  const text = String(value);
  if (text.length > maxValueLength) throw refuse(`at most ${maxValueLength} characters`);
  if (unprintable.test(text)) throw refuse('a text without control characters');
  switch (input.type) {
    case 'string': {
      const { pattern, values, max_length: longest } = input;
      if (text.length > longest) throw refuse(`at most ${longest} characters`);
      if (values !== undefined && !values.includes(text)) throw refuse(values.join(' or '));
      if (pattern !== undefined && !compileAnchoredRegex(pattern)(text)) {
        throw refuse(`a text that matches ${pattern}`);
      }
      return text;
    }
    case 'number': {
      const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = input;
      const number = typeof value === 'number' ? value : decimal.test(text) ? Number(text) : NaN;
      if (!Number.isFinite(number)) throw refuse('a number');
      if (number < min) throw refuse(`at least ${min}`);
      if (number > max) throw refuse(`at most ${max}`);
      return number;
    }
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw refuse('true or false');
      return text === 'true';
    case 'duration':
      parseDuration(text);
      return text;
    case 'service':
      if (!serviceName.test(text)) throw refuse('the name of a service');
      return text;
    case 'node':
      if (!nodeName.test(text)) throw refuse("a node's host name, address or ID");
      return text;
  }
}

function isScalar(value: unknown): value is JobValue {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`;
}
