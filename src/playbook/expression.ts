import { messageOf } from '../errors.js';
import { type CelProgram, compileCel } from './cel.js';
import { ExpressionError } from './expression-error.js';
import { explainIssues, faultText } from './issue.js';
import type { ExpressionInput, Step } from './playbook.js';
import { splitTemplate } from './template-scanner.js';

/** An expression that has no value for this alert. The message names the place and what was expected. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';
}

/** A condition in CEL, as in a playbook's `when:`. */
export interface Expression {
  /** As it was written. */
  readonly text: string;
  /** @throws EvaluationError if it has no value for this alert (a label that is missing, …). */
  evaluate(input: ExpressionInput): boolean;
}

/** What a parameter of a step can be. */
export type ParamValue = string | number | boolean;

/** A parameter of a step: a literal, or a text with `${{ … }}` in it. */
export interface Template {
  /** As it was written. */
  readonly source: ParamValue;
  /** Whether the value depends on nothing. */
  readonly literal: boolean;
  /** The kind of value that it gives. */
  readonly type: 'string' | 'number' | 'boolean';
  /** @throws EvaluationError if an expression has no value for this alert. */
  evaluate(input: ExpressionInput): ParamValue;
}

/** CEL's types that a parameter can take, and what they become. */
const paramTypes: Readonly<Record<string, Template['type']>> = {
  string: 'string',
  int: 'number',
  uint: 'number',
  double: 'number',
  bool: 'boolean',
};

/**
 * Compiles a condition.
 *
 * @throws ExpressionError with the offset of the fault; also where its value is not a bool.
 */
export function compileExpression(text: string): Expression {
  const program = compileCel(text);
  if (program.type !== 'bool') {
    throw new ExpressionError(`expected a condition (bool), got ${program.type}`, 0);
  }
  return { text, evaluate: (input) => run(program, input) === true };
}

/**
 * Compiles a parameter. A text that is one `${{ … }}` and nothing else keeps the type of its value;
 * with other text around it, or several of them, the result is text.
 *
 * @throws ExpressionError with the offset of the fault inside the text.
 */
export function compileTemplate(source: ParamValue): Template {
  const parts = typeof source === 'string' ? splitTemplate(source) : [];
  if (!parts.some((part) => part.kind === 'expression')) {
    const type = typeof source as Template['type'];
    return { source, literal: true, type, evaluate: () => source };
  }
  const pieces = parts.map((part) =>
    part.kind === 'text'
      ? { type: 'string' as const, evaluate: () => part.text }
      : compilePiece(part.text, part.offset),
  );
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return { source, literal: false, ...only };
  return {
    source,
    literal: false,
    type: 'string',
    evaluate: (input) => pieces.map((piece) => String(piece.evaluate(input))).join(''),
  };
}

function compilePiece(text: string, offset: number): Pick<Template, 'type' | 'evaluate'> {
  const program = compilePart(text, offset);
  const type = paramTypes[program.type];
  if (type === undefined) {
    const message = `expected a value of type string, int, double or bool, got ${program.type}`;
    throw new ExpressionError(message, offset);
  }
  return { type, evaluate: (input) => toParam(run(program, input), text) };
}

function compilePart(text: string, offset: number): CelProgram {
  try {
    return compileCel(text);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new ExpressionError(error.message, offset + error.offset);
  }
}

function run(program: CelProgram, input: ExpressionInput): unknown {
  try {
    return program.run(input);
  } catch (error) {
    throw new EvaluationError(messageOf(error), { cause: error });
  }
}

function toParam(value: unknown, text: string): ParamValue {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  const number = Number(value);
  if (typeof value !== 'number' && !Number.isSafeInteger(number)) {
    throw new EvaluationError(`${text.trim()}: ${value} is too large a number`);
  }
  return number;
}

/**
 * The parameters of a step for an alert: expressions evaluated, then checked by the action.
 *
 * @throws EvaluationError that names the step, the parameter and what was expected.
 */
export function evaluateStep(
  step: Step,
  input: ExpressionInput,
): Readonly<Record<string, unknown>> {
  const values: Record<string, ParamValue> = {};
  for (const [name, template] of Object.entries(step.params)) {
    try {
      values[name] = template.evaluate(input);
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      throw new EvaluationError(`${step.action.name}: ${name}: ${error.message}`, { cause: error });
    }
  }
  const checked = step.action.params.safeParse(values);
  if (checked.success) return checked.data;
  const faults = explainIssues(step.action.params, checked.error.issues, values).map(faultText);
  throw new EvaluationError(
    `${step.action.name}: ${faults.join('; ')} (the parameters are ${JSON.stringify(values)})`,
  );
}
