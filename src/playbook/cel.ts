import {
  type ASTNode,
  EvaluationError as CelEvaluationError,
  Environment,
  type ParseResult,
} from '@marcbachmann/cel-js';
import { compileRegex, type Regex, RegexError } from '../alertmanager/regex.js';
import { messageOf } from '../lib/errors.js';
import { celAdvice } from './cel-advice.js';
import {
  BudgetError,
  checkPatternLength,
  instrument,
  spendMatch,
  withinBudget,
} from './cel-budget.js';
import { ExpressionError } from './expression-error.js';

/** A label that an expression reads by its name. */
export interface LabelRead {
  readonly name: string;
  /** The expression is this label and nothing else, or its conversion to a number. */
  readonly isWhole: boolean;
  /** The expression asks whether there is such a label. */
  readonly isOptional: boolean;
}

/** A CEL expression that was parsed and type-checked. */
export interface CelProgram {
  /** CEL's name of the type of its value: `string`, `int`, `bool`, … */
  readonly type: string;
  readonly reads: readonly LabelRead[];
  /** The value, integers as `bigint`. Throws an `Error` whose message is for people. */
  run(variables: object): unknown;
}

/**
 * CEL says that `matches` takes RE2; the library would take JavaScript's expressions, which differ
 * and can backtrack for ever on a label that another worker chose. A function of ours takes its
 * place; its name is as long as `matches`, so that the offsets in error messages stay true.
 */
const matchesFunction = 'matchRE';

const regexCache = new Map<string, Regex>();
const regexCacheSize = 1000;

/** Parts of an expression. The library takes a recursion for each level of them. */
const maxNodes = 2_000;

const environment = new Environment({ limits: { maxAstNodes: maxNodes } })
  .registerVariable('labels', 'map<string, string>')
  .registerVariable('annotations', 'map<string, string>')
  .registerVariable('route', 'map<string, string>')
  .registerVariable('worker_asg', 'string')
  .registerFunction(`string.${matchesFunction}(string): bool`, (text: string, pattern: string) => {
    checkPatternLength(pattern);
    const regex = cachedRegex(pattern);
    spendMatch(text, regex.programSize);
    return regex(text);
  });

/** The names of all functions that an expression may call. */
const functions = [
  ...new Set(environment.getDefinitions().functions.map(({ name }) => name)),
].filter((name) => name !== matchesFunction);

/**
 * Compiles a CEL expression over an alert's `labels`, its `annotations`, its `route` and `worker_asg`.
 *
 * @throws ExpressionError with the offset of the fault.
 */
export function compileCel(text: string): CelProgram {
  const known = programs.get(text);
  if (known !== undefined) return known;
  const program = compileAnew(text);
  if (programs.size === maxPrograms) programs.clear();
  programs.set(text, program);
  return program;
}

/** Thousands of playbooks hold few expressions: `labels.service` again and again. */
const programs = new Map<string, CelProgram>();
const maxPrograms = 1_000;

function compileAnew(text: string): CelProgram {
  let program: ParseResult;
  try {
    program = environment.parse(withRe2(text, environment.parse(text).ast));
  } catch (error) {
    if (error instanceof ExpressionError) throw error;
    throw compileError(error, text);
  }
  const check = program.check();
  if (!check.valid || check.type === undefined) throw compileError(check.error, text);
  const reads = readsOf(program.ast);
  instrument(program.ast);
  return {
    type: check.type,
    reads,
    run: (variables) => {
      const values: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(variables)) values[name] = asMap(value);
      try {
        return withinBudget(() => program(values));
      } catch (error) {
        throw new Error(explainFailure(error), { cause: error });
      }
    },
  };
}

/** Labels as a map: the library takes an object that has the key `constructor` for one of another type. */
function asMap(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = maps.get(value);
  if (known !== undefined) return known;
  const map = new Map(Object.entries(value));
  maps.set(value, map);
  return map;
}

/** Many playbooks are held against one alert. */
const maps = new WeakMap<object, ReadonlyMap<string, unknown>>();

/** The same expression with every `matches` replaced; patterns that are written out are compiled. */
function withRe2(text: string, ast: ASTNode): string {
  let result = text;
  for (const node of nodesOf(ast)) {
    if (node.op !== 'rcall' || node.args[0] !== 'matches') continue;
    const [name, receiver, parameters] = node.args;
    const at = text.indexOf(name, receiver.range.end);
    result = result.slice(0, at) + matchesFunction + result.slice(at + name.length);
    const pattern = parameters[0];
    if (pattern?.op !== 'value' || typeof pattern.args !== 'string') continue;
    try {
      cachedRegex(pattern.args);
    } catch (error) {
      if (error instanceof RegexError)
        throw new ExpressionError(error.message, pattern.range.start);
      throw error;
    }
  }
  return result;
}

function* nodesOf(value: unknown): Generator<ASTNode> {
  if (Array.isArray(value)) {
    for (const item of value) yield* nodesOf(item);
  } else if (typeof value === 'object' && value !== null && 'op' in value) {
    const node = value as ASTNode;
    yield node;
    yield* nodesOf(node.args);
  }
}

/** Conversions that leave a label to be given as it is. */
const conversions: ReadonlySet<string> = new Set(['int', 'uint', 'double']);

/** The labels that an expression reads by their names, each once. */
function readsOf(ast: ASTNode): readonly LabelRead[] {
  const whole = labelIn(ast.op === 'call' && conversions.has(ast.args[0]) ? ast.args[1][0] : ast);
  const names = new Set<string>();
  const optional = new Set<string>();
  for (const node of nodesOf(ast)) {
    const name = labelIn(node);
    if (name !== undefined) names.add(name);
    const asked = askedIn(node);
    if (asked !== undefined) optional.add(asked);
  }
  return [...new Set([...names, ...optional])].map((name) => ({
    name,
    isWhole: name === whole,
    isOptional: optional.has(name),
  }));
}

/** The label that a node such as `labels.service` or `labels["service"]` reads. */
function labelIn(node: ASTNode | undefined): string | undefined {
  if (mapName(node) !== 'labels') return undefined;
  const key: unknown = node?.op === '.' || node?.op === '[]' ? node.args[1] : undefined;
  if (typeof key === 'string') return key;
  return textIn(key);
}

/** The label of which `has(labels.service)` or `"service" in labels` asks whether it is there. */
function askedIn(node: ASTNode): string | undefined {
  if (node.op === 'call' && node.args[0] === 'has') return labelIn(node.args[1][0]);
  if (node.op !== 'in') return undefined;
  const [name, map] = node.args;
  return map.op === 'id' && map.args === 'labels' ? textIn(name) : undefined;
}

function textIn(node: unknown): string | undefined {
  if (typeof node !== 'object' || node === null || !('op' in node)) return undefined;
  const { op, args } = node as ASTNode;
  return op === 'value' && typeof args === 'string' ? args : undefined;
}

function cachedRegex(pattern: string): Regex {
  const known = regexCache.get(pattern);
  if (known !== undefined) return known;
  const regex = compileRegex(pattern);
  if (regexCache.size >= regexCacheSize) regexCache.clear();
  regexCache.set(pattern, regex);
  return regex;
}

function compileError(error: unknown, text: string): ExpressionError {
  const { summary, range } = error as { summary?: string; range?: { start: number } };
  const message = (summary ?? messageOf(error)).replaceAll(matchesFunction, 'matches');
  const offset = range?.start ?? 0;
  return new ExpressionError(celAdvice({ message, text, offset, functions }), offset);
}

function explainFailure(error: unknown): string {
  if (error instanceof BudgetError) {
    return `${error.message} for this alert; read fewer labels, or let a matcher do it`;
  }
  if (!(error instanceof CelEvaluationError)) return messageOf(error);
  const key = /^No such key: (.*)$/s.exec(error.summary)?.[1];
  if (key === undefined) return error.summary.replaceAll(matchesFunction, 'matches');
  const words: Record<string, string> = {
    labels: 'label',
    annotations: 'annotation',
    route: 'route label',
  };
  return `${words[mapName(error.node)] ?? 'key'} ${JSON.stringify(key)} is missing`;
}

/** The name of the map that a node such as `labels.service` reads. */
function mapName(node: ASTNode | undefined): string {
  if (node?.op !== '.' && node?.op !== '[]') return '';
  const [map] = node.args;
  return map.op === 'id' ? map.args : '';
}
