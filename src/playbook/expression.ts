import type { Labels } from '../alertmanager/alert.js';
import type { EncodedParam } from '../integrations/contract/action.js';
import { InputError, messageOf } from '../lib/errors.js';
import { type CelProgram, compileCel, type LabelRead } from './cel.js';
import { ExpressionError } from './expression-error.js';
import { splitTemplate } from './template-scanner.js';

/** An expression that has no value for this alert. The message names the place and what was expected. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';
}

/** A condition in CEL, as in a playbook's `when:`. */
export interface Expression {
  /** As it was written. */
  readonly text: string;
  readonly reads: readonly LabelRead[];
  /** @throws EvaluationError if it has no value for this alert (a label that is missing, …). */
  evaluate(input: ExpressionInput): boolean;
}

type Scalar = string | number | boolean;

/** What a parameter of a step can be. */
export type ParamValue = Scalar | readonly ParamValue[] | { readonly [name: string]: ParamValue };

/** Values that stand for those of expressions while there is no alert, by their kind. */
export type Sample = Readonly<Record<'string' | 'number' | 'boolean', Scalar>>;

/** A parameter of a step: a literal, a text with `${{ … }}` in it, or a list or a mapping of those. */
export interface Template {
  /** As it was written. */
  readonly source: ParamValue;
  /** Whether the value depends on nothing. */
  readonly literal: boolean;
  /** The labels that its expressions read, those of lists and mappings in `inner`. */
  readonly reads: readonly LabelRead[];
  /** The kind of value that it gives. */
  readonly type: 'string' | 'number' | 'boolean' | 'list' | 'mapping';
  /** What it gives where each expression gives its sample. */
  sample(sample: Sample): ParamValue;
  /** What a list or a mapping holds, by index or key. */
  readonly inner?: ReadonlyMap<PropertyKey, Template>;
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
  const { reads } = program;
  return { text, reads, evaluate: (input) => run(program, input) === true };
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
    const known = { source, literal: true, reads: [], type } as const;
    return { ...known, sample: () => source, evaluate: () => source };
  }
  const pieces = parts.map((part) =>
    part.kind === 'text'
      ? { type: 'string' as const, reads: [], evaluate: () => part.text }
      : compilePiece(part.text, part.offset),
  );
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) {
    return { source, literal: false, sample: (sample) => sample[only.type], ...only };
  }
  return {
    source,
    literal: false,
    reads: inPart(pieces),
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
export function compileEncoded(source: Scalar, form: EncodedParam): Template {
  const parts = typeof source === 'string' ? splitTemplate(source) : [];
  if (!parts.some((part) => part.kind === 'expression')) return compileTemplate(source);
  let before = '';
  const pieces = parts.map((part) => {
    if (part.kind === 'text') {
      before += part.text;
      return { reads: [], evaluate: () => part.text };
    }
    const place = before;
    const fault = form.placeFault(place);
    if (fault !== undefined) throw new ExpressionError(fault, part.offset);
    const piece = compilePiece(part.text, part.offset);
    before += 'x';
    const { reads } = piece;
    const evaluate = (input: ExpressionInput) =>
      encoded(String(piece.evaluate(input)), place, form);
    return { reads, evaluate };
  });
  const sample = before;
  return {
    source,
    literal: false,
    reads: inPart(pieces),
    formed: true,
    type: 'string',
    sample: () => sample,
    evaluate: (input) => pieces.map((piece) => piece.evaluate(input)).join(''),
  };
}

function encoded(value: string, place: string, form: EncodedParam): string {
  try {
    return form.encode(value, place);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new EvaluationError(error.message, { cause: error });
  }
}

/** A parameter that is a list of parameters. */
export function compileList(items: readonly Template[]): Template {
  const all = [...items.entries()];
  return compileInner('list', all, (entries) => entries.map(([, value]) => value));
}

/** A parameter that is a mapping of parameters. */
export function compileMapping(entries: Readonly<Record<string, Template>>): Template {
  return compileInner('mapping', Object.entries(entries), Object.fromEntries);
}

function compileInner<Key extends PropertyKey>(
  type: 'list' | 'mapping',
  all: readonly (readonly [Key, Template])[],
  collect: (entries: readonly (readonly [Key, ParamValue])[]) => ParamValue,
): Template {
  const each = (value: (template: Template, key: Key) => ParamValue) =>
    collect(all.map(([key, template]) => [key, value(template, key)] as const));
  return {
    source: each(({ source }) => source),
    literal: all.every(([, { literal }]) => literal),
    reads: [],
    type,
    inner: new Map<PropertyKey, Template>(all),
    sample: (sample) => each((template) => template.sample(sample)),
    evaluate: (input) => each((template, key) => within(key, () => template.evaluate(input))),
  };
}

/** @throws EvaluationError with the place before its message. */
function within<Value>(key: PropertyKey, evaluate: () => Value): Value {
  try {
    return evaluate();
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    throw new EvaluationError(`${String(key)}: ${error.message}`, { cause: error });
  }
}

/** The labels that pieces of a text read: none of them is the whole of it. */
function inPart(pieces: readonly Pick<Template, 'reads'>[]): readonly LabelRead[] {
  return pieces.flatMap(({ reads }) => reads.map((read) => ({ ...read, isWhole: false })));
}

function compilePiece(
  text: string,
  offset: number,
): Pick<ScalarTemplate, 'type' | 'reads' | 'evaluate'> {
  const program = compilePart(text, offset);
  const type = paramTypes[program.type];
  if (type === undefined) {
    const message = `expected a value of type string, int, double or bool, got ${program.type}`;
    throw new ExpressionError(message, offset);
  }
  const { reads } = program;
  return { type, reads, evaluate: (input) => toParam(run(program, input), text) };
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
    return program.run({ route: {}, ...input });
  } catch (error) {
    throw new EvaluationError(messageOf(error), { cause: error });
  }
}

function toParam(value: unknown, text: string): Scalar {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  const number = Number(value);
  if (typeof value !== 'number' && !Number.isSafeInteger(number)) {
    throw new EvaluationError(`${text.trim()}: the number ${value} is too large`);
  }
  return number;
}

/** What expressions may read: the alert's own words and the names set in the configuration; never live state. */
export interface ExpressionInput {
  readonly labels: Labels;
  readonly annotations: Labels;
  /** Labels of the route by which Alertmanager delivered it; left out where none are known. */
  readonly route?: Labels | undefined;
  /** `JIDOKA_WORKER_ASG`, or the empty string. */
  readonly worker_asg: string;
}
