import type { ASTNode } from '@marcbachmann/cel-js';

/**
 * Steps that one evaluation may take. A step is a part of the expression that is evaluated, an entry of a
 * list, or 32 characters of a text; 100,000 take about 10 ms.
 */
const maxSteps = 100_000;
/** Characters of a text that a part of an expression gives. */
const maxTextLength = 64 * 2 ** 10;
/** Entries of a list that a part of an expression gives. */
const maxListLength = 10_000;

/** Compiling a regular expression, and finding the time in another zone, in steps. */
const patternSteps = 64;
const zoneSteps = 500;
/** Longer texts are no durations; the library tries them in cubic time. */
const maxDurationLength = 64;

/** An evaluation that takes more than it may. The message says of what. */
export class BudgetError extends Error {
  override readonly name = 'BudgetError';
}

/** Evaluation is synchronous, so there is one at a time. */
let stepsLeft = maxSteps;
let exceeded: BudgetError | undefined;

/**
 * Evaluates within the budget.
 *
 * @throws BudgetError beyond it, also where `||` or a macro would take the error for no answer
 */
export function withinBudget<T>(evaluate: () => T): T {
  stepsLeft = maxSteps;
  exceeded = undefined;
  try {
    const value = evaluate();
    if (exceeded === undefined) return value;
  } catch (error) {
    if (exceeded === undefined) throw error;
  }
  throw exceeded;
}

/** Spends steps. @throws BudgetError when none are left */
function spend(steps: number): void {
  stepsLeft -= steps;
  if (stepsLeft < 0) refuse(`the evaluation takes more than ${maxSteps} steps`);
}

function refuse(what: string): never {
  // what was found first stands: all that follows is its echo
  exceeded ??= new BudgetError(what);
  throw exceeded;
}

/** Spends the steps of a match, by the size of the program of its pattern. */
export function spendMatch(text: string, programSize: number): void {
  spend(patternSteps + 2 * programSize + (text.length * programSize) / 128);
}

/** Refuses patterns that take long to compile. They may come from a label. */
export function checkPatternLength(pattern: string): void {
  if (pattern.length > 1_000) refuse('a pattern has more than 1000 characters');
}

/** What the library keeps in a node besides its documented fields; `cel.test.ts` holds that it is there. */
interface Node {
  readonly op: string;
  readonly args: unknown;
  readonly meta: {
    readonly alternate?: Node;
    readonly macro?: Macro;
    evaluate: Evaluate;
  };
  evaluate: Evaluate;
  /** Of an operator or a function: takes the values of its operands. */
  handle?: (...values: never[]) => unknown;
}

type Evaluate = (evaluator: Evaluator, node: unknown, context: unknown) => unknown;

interface Evaluator {
  run(node: Node, context: unknown): unknown;
}

interface Macro {
  readonly args?: unknown;
  readonly val?: unknown;
  readonly exp?: unknown;
  evaluate: Evaluate;
}

/** Has each part of a checked expression spend from the budget, and its maps hold every key. */
export function instrument(ast: ASTNode): void {
  const seen = new Set<Node>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const each of value) visit(each);
    } else if (isNode(value)) {
      if (seen.has(value)) return;
      seen.add(value);
      const { alternate, macro } = value.meta;
      instrumentNode(value);
      visit(value.args);
      visit(alternate);
      if (macro !== undefined) visit([macro.args, macro.val, macro.exp]);
    } else if (isComprehension(value)) {
      visit([value.iterable, value.init, value.step]);
    }
  };
  visit(ast);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'op' in value && 'meta' in value;
}

function isComprehension(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && 'iterable' in value;
}

function instrumentNode(node: Node): void {
  const plain = evaluateOf(node);
  const isAccumulated = node.op.startsWith('accu');
  node.evaluate = (evaluator, self, context) => {
    spend(1);
    const value = plain(evaluator, self, context);
    // the list that a macro fills is the same one in each of its rounds
    if (!isAccumulated) measure(value);
    return value;
  };
  const { handle, op } = node;
  if (handle === undefined) return;
  const weighOperands = operandWeigher(node);
  if (weighOperands === undefined) return;
  node.handle = (...values) => {
    weighOperands(values);
    const value = handle(...values);
    return op === 'rcall' && nameOf(node) === 'json' ? toMaps(value) : value;
  };
}

function evaluateOf(node: Node): Evaluate {
  const { alternate, macro, evaluate } = node.meta;
  if (alternate !== undefined) {
    return (evaluator, _, context) => evaluator.run(alternate, context);
  }
  if (macro !== undefined) {
    return (evaluator, _, context) => macro.evaluate(evaluator, macro, context);
  }
  return node.op === 'map' && (node.args as unknown[]).length > 0 ? evaluateMap : evaluate;
}

/** A map that is written out. The library leaves keys such as `constructor` out of its own. */
const evaluateMap: Evaluate = (evaluator, node, context) => {
  const entries = (node as Node).args as readonly (readonly [Node, Node])[];
  const values = entries.map(
    ([key, value]) => [evaluator.run(key, context), evaluator.run(value, context)] as const,
  );
  // as the library does it: 1 and 1u are the same key
  if (values.some(([key]) => typeof key !== 'string')) return Object.fromEntries(values);
  return new Map(values);
};

/** Has the values of operands spend steps, where what is done with them takes longer the larger they are. */
function operandWeigher({ op, args }: Node): ((values: readonly unknown[]) => void) | undefined {
  if (op === '==' || op === '!=') return ([left, right]) => weigh([left, right], true);
  if (op === 'in' || op === '+') return ([left, right]) => weigh([left, right], false);
  // a macro copies the names of a map before it begins
  if (op === 'comprehension') return ([range]) => spend(range instanceof Map ? range.size : 0);
  if (op !== 'call' && op !== 'rcall') return undefined;
  const name = nameOf({ args });
  return ([operands]) => {
    const values = operands as readonly unknown[];
    weigh(values, false);
    const [first, second] = values;
    if (name === 'join' && Array.isArray(first) && typeof second === 'string') {
      spend((first.length * second.length) / 32);
    }
    if (name === 'duration' && typeof first === 'string' && first.length > maxDurationLength) {
      refuse(`a duration has more than ${maxDurationLength} characters`);
    }
    if (/^get[A-Z]/.test(name) && values.length > 1) spend(zoneSteps);
  };
}

function nameOf({ args }: Pick<Node, 'args'>): string {
  return String((args as readonly unknown[])[0]);
}

/** Spends steps for values and all that they hold; `withMaps`: where maps are gone through too. */
function weigh(values: Iterable<unknown>, withMaps: boolean): void {
  for (const value of values) {
    if (typeof value === 'string') spend(1 + value.length / 32);
    else if (Array.isArray(value)) {
      spend(1 + value.length);
      weigh(value, withMaps);
    } else if (withMaps && value instanceof Map) {
      spend(1 + value.size);
      weigh(value.values(), withMaps);
    }
  }
}

function measure(value: unknown): void {
  if (typeof value === 'string') {
    if (value.length > maxTextLength) {
      refuse(`a string has more than ${maxTextLength} characters`);
    }
    spend(value.length / 32);
  } else if (Array.isArray(value)) {
    if (value.length > maxListLength) {
      refuse(`a list has more than ${maxListLength} entries`);
    }
    spend(value.length);
  }
}

/** What JSON says, its objects as maps: an object of JavaScript may have a key `constructor`. */
function toMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toMaps);
  if (typeof value !== 'object' || value === null) return value;
  return new Map(Object.entries(value).map(([key, each]) => [key, toMaps(each)]));
}
