import type { ParamForm } from '../action/action.js';
import { InputError, messageOf } from '../errors.js';
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

type Scalar = string | number | boolean;

/** What a parameter of a step can be. */
export type ParamValue = Scalar | Readonly<Record<string, Scalar>>;

/** Values that stand for those of expressions while there is no alert, by their kind. */
export type Sample = Readonly<Record<'string' | 'number' | 'boolean', Scalar>>;

/** A parameter of a step: a literal, or a text with `${{ … }}` in it, or a mapping of those. */
export interface Template {
  /** As it was written. */
  readonly source: ParamValue;
  /** Whether the value depends on nothing. */
  readonly literal: boolean;
  /** The kind of value that it gives. */
  readonly type: 'string' | 'number' | 'boolean' | 'mapping';
  /** What it gives where each expression gives its sample. */
  sample(sample: Sample): ParamValue;
  /** Set where its form is its author's, whatever the expressions give: a fault of a sample is a fault. */
  readonly formed?: true;
  /** @throws EvaluationError if an expression has no value for this alert. */
  evaluate(input: ExpressionInput): ParamValue;
}

/** A parameter that is one text, number or truth value. */
type ScalarTemplate = Omit<Template, 'source' | 'type' | 'sample' | 'evaluate'> & {
  readonly source: Scalar;
  readonly type: keyof Sample;
  sample(sample: Sample): Scalar;
  evaluate(input: ExpressionInput): Scalar;
};

type Encoding = Extract<ParamForm, { readonly kind: 'encoded' }>;

/** CEL's types that a parameter can take, and what they become. */
const paramTypes: Readonly<Record<string, keyof Sample>> = {
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
export function compileTemplate(source: Scalar): ScalarTemplate {
  const parts = typeof source === 'string' ? splitTemplate(source) : [];
  if (!parts.some((part) => part.kind === 'expression')) {
    const type = typeof source as ScalarTemplate['type'];
    return { source, literal: true, type, sample: () => source, evaluate: () => source };
  }
  const pieces = parts.map((part) =>
    part.kind === 'text'
      ? { type: 'string' as const, evaluate: () => part.text }
      : compilePiece(part.text, part.offset),
  );
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) {
    return { source, literal: false, sample: (sample) => sample[only.type], ...only };
  }
  return {
    source,
    literal: false,
    type: 'string',
    sample: (sample) => sample.string,
    evaluate: (input) => pieces.map((piece) => String(piece.evaluate(input))).join(''),
  };
}

/**
 * Compiles a text in which each expression is encoded for where it stands.
 *
 * @throws ExpressionError with the offset of the fault; also for an expression where none may stand.
 */
export function compileEncoded(source: Scalar, form: Encoding): Template {
  const parts = typeof source === 'string' ? splitTemplate(source) : [];
  if (!parts.some((part) => part.kind === 'expression')) return compileTemplate(source);
  let before = '';
  const pieces = parts.map((part) => {
    if (part.kind === 'text') {
      before += part.text;
      return () => part.text;
    }
    const place = before;
    const fault = form.placeFault(place);
    if (fault !== undefined) throw new ExpressionError(fault, part.offset);
    const piece = compilePiece(part.text, part.offset);
    before += 'x';
    return (input: ExpressionInput) => encoded(String(piece.evaluate(input)), place, form);
  });
  const sample = before;
  return {
    source,
    literal: false,
    formed: true,
    type: 'string',
    sample: () => sample,
    evaluate: (input) => pieces.map((piece) => piece(input)).join(''),
  };
}

function encoded(value: string, place: string, form: Encoding): string {
  try {
    return form.encode(value, place);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new EvaluationError(error.message, { cause: error });
  }
}

/** A parameter that is a mapping, of parameters that are none. */
export function compileMapping(entries: Readonly<Record<string, ScalarTemplate>>): Template {
  const all = Object.entries(entries);
  const each = (value: (template: ScalarTemplate) => Scalar) =>
    Object.fromEntries(all.map(([name, template]) => [name, value(template)]));
  return {
    source: each(({ source }) => source),
    literal: all.every(([, { literal }]) => literal),
    type: 'mapping',
    sample: (sample) => each((template) => template.sample(sample)),
    evaluate: (input) => each((template) => template.evaluate(input)),
  };
}

function compilePiece(text: string, offset: number): Pick<ScalarTemplate, 'type' | 'evaluate'> {
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

function toParam(value: unknown, text: string): Scalar {
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
