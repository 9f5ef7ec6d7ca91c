import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { InputError, messageOf } from '../lib/errors.js';
import type { Labels } from './described-service.js';
import { shown } from './shown.js';

/** A condition that people call by a name. */
export interface Shortcut {
  readonly expression: string;
  /** The labels that its result keeps. */
  readonly by: readonly string[];
  readonly labels: Labels;
  readonly annotations: Labels;
}

/** Shortcuts by their names. */
export type Shortcuts = ReadonlyMap<string, Shortcut>;

const texts = z.record(z.string(), z.string()).default({});
const fileSchema = z.strictObject({
  shortcuts: z.record(
    z.string().regex(/^[A-Za-z_]\w*$/, 'a name of letters, digits and _'),
    z.strictObject({
      expression: z.string().min(1),
      by: z.array(z.string()).default([]),
      labels: texts,
      annotations: texts,
    }),
  ),
});

const shipped = new URL('../../assets/shortcuts.yaml', import.meta.url);

/**
 * Reads the shortcuts: those in `assets/shortcuts.yaml`, and those of an operator, which win.
 *
 * @param own the path of the operator's file
 * @throws InputError that names the file.
 */
export function loadShortcuts(own: string | undefined): Shortcuts {
  const all = new Map(readFile(shipped, 'assets/shortcuts.yaml'));
  if (own !== undefined) for (const [name, one] of readFile(own, own)) all.set(name, one);
  return all;
}

function readFile(path: URL | string, name: string): readonly (readonly [string, Shortcut])[] {
  const fault = (detail: string) => new InputError(`JIDOKA_SHORTCUTS: ${name}: ${detail}`, name);
  let value: unknown;
  try {
    value = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw fault(messageOf(error));
  }
  const read = fileSchema.safeParse(value);
  if (read.success) return Object.entries(read.data.shortcuts);
  const [issue] = read.error.issues;
  throw fault(`${issue?.path.join('.') || 'the file'}: ${issue?.message}`);
}

/** What shortcuts come to. */
export interface Expanded {
  readonly expression: string;
  readonly labels: Labels;
  readonly annotations: Labels;
}

/** What placeholders stand for. */
export interface ShortcutSubject {
  readonly service: string;
  readonly replicas: number | undefined;
}

/**
 * Expands a condition: `@service_mem_limit:0.8`, or several joined by `_and_`, `_or_` and `_unless_`, from
 * left to right. Joined ones add no labels. A condition without `@` is an expression already.
 *
 * @returns a text that says why it cannot be expanded
 */
export function expandCondition(
  condition: string,
  subject: ShortcutSubject,
  shortcuts: Shortcuts,
): Expanded | string {
  if (!condition.trimStart().startsWith('@')) {
    return { expression: condition, labels: {}, annotations: {} };
  }
  const pieces = condition.trim().split(/_(and|or|unless)_(?=@)/);
  const [first = '', ...rest] = pieces;
  const begin = expandOne(first, subject, shortcuts);
  if (typeof begin === 'string') return begin;
  let { expression, by } = begin;
  const summaries = [begin.annotations.summary];
  for (let index = 0; index < rest.length; index += 2) {
    const operator = rest[index] ?? '';
    const next = expandOne(rest[index + 1] ?? '', subject, shortcuts);
    if (typeof next === 'string') return next;
    const common = by.filter((label) => next.by.includes(label));
    const on = operator === 'or' ? '' : ` on (${common.join(', ')})`;
    expression = `(${expression})\n${operator}${on}\n(${next.expression})`;
    if (operator === 'or') by = common;
    const said = next.annotations.summary;
    summaries.push(said === undefined ? undefined : `${operator} ${said}`);
  }
  if (rest.length === 0) {
    return { expression, labels: begin.labels, annotations: begin.annotations };
  }
  const summary = summaries.filter((one) => one !== undefined).join(' ');
  return { expression, labels: {}, annotations: summary === '' ? {} : { summary } };
}

function expandOne(
  text: string,
  { service, replicas }: ShortcutSubject,
  shortcuts: Shortcuts,
): Shortcut | string {
  const parts = /^@(\w+)(?::([\s\S]*))?$/.exec(text.trim());
  if (parts === null) return `${shown(text)} is no shortcut; expected @NAME:ARGUMENT,ARGUMENT`;
  const [, name = '', given] = parts;
  const shortcut = shortcuts.get(name);
  if (shortcut === undefined) {
    return `there is no shortcut @${name}; expected one of ${[...shortcuts.keys()].map((one) => `@${one}`).join(', ')}`;
  }
  const args = given === undefined ? [] : given.split(',').map((one) => one.trim());
  const used = [...shortcut.expression.matchAll(/\$(\d+)/g)].map(([, index]) => Number(index));
  const wanted = Math.max(-1, ...used) + 1;
  if (args.length !== wanted || args.includes('')) {
    return `shortcut @${name} expects ${wanted} arguments, got ${given === undefined ? 'none' : shown(given)}`;
  }
  if (replicas === undefined && shortcut.expression.includes('$replicas')) {
    return `shortcut @${name} needs a number of replicas; the service has none, because it is global or a job`;
  }
  const fill = (template: string) =>
    template.replace(/\$(\d+|service|replicas)\b/g, (_, key: string) => {
      if (key === 'service') return service;
      if (key === 'replicas') return String(replicas ?? 'its');
      // 1.0 as 1: the form of numbers differs between versions of Prometheus
      return (args[Number(key)] ?? '').replace(/^(\d+)\.0+$/, '$1');
    });
  const fillAll = (all: Labels) =>
    Object.fromEntries(Object.entries(all).map(([key, value]) => [key, fill(value)]));
  return {
    expression: fill(shortcut.expression),
    by: shortcut.by,
    labels: fillAll(shortcut.labels),
    annotations: fillAll(shortcut.annotations),
  };
}
