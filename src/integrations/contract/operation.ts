import { z } from 'zod';
import type { Change, Operation } from './change.js';
import { TargetError } from './target-error.js';

/** One kind of operation: the form of its data, and what people read of it. */
export interface OperationKind<Op extends Operation = Operation> {
  readonly kind: Op['kind'];
  readonly schema: z.ZodType<Op>;
  /** What it does to the target of this name, as it follows "would": `restart web`. */
  describe(op: Op, name: string): string;
  /** What a person is told to confirm, in a sentence; `undefined`: one click is enough. */
  risk(op: Op): string | undefined;
}

/** The data of a kind of operation. */
export type OperationOf<Kind> = Kind extends OperationKind<infer Op> ? Op : never;

/** Declares a kind of operation; its type is that of its schema. */
export function operationKind<Op extends Operation>(kind: OperationKind<Op>): OperationKind<Op> {
  return kind;
}

/**
 * Reads the operation of a change as one of these kinds.
 *
 * @throws TargetError `invalid` if it is of no such kind, or its data has another form.
 */
export function operationOf<Op extends Operation>(
  kinds: readonly OperationKind<Op>[],
  { op, target }: Change,
): Op {
  const read = kinds.find(({ kind }) => kind === op.kind)?.schema.safeParse(op);
  if (read?.success) return read.data;
  const known = kinds.map(({ kind }) => kind).join(' or ');
  const got = `${op.kind} to ${JSON.stringify(op.to)}`;
  throw new TargetError('invalid', `${target.name}: expected an operation ${known}, got ${got}`);
}

const size = z.int().min(0);

const resizeSchema = z.strictObject({
  kind: z.literal('resize'),
  from: size,
  to: size,
  /** What the sizes count, in the plural: `replicas`, `instances`. */
  unit: z.string(),
});

/** The operation that changes a size. */
export type ResizeOperation = z.output<typeof resizeSchema>;

/** Changes a size. The only operation that goes up or down: pauses of one direction and bounds go by it. */
export const resize = operationKind({
  kind: 'resize',
  schema: resizeSchema,

  describe: (op, name) => `scale ${name} ${describeSizes(op)}`,

  risk({ from, to }) {
    if (to < from) return 'What is removed stops.';
    return to > 2 * from && to - from > 1 ? 'This more than doubles it at once.' : undefined;
  },
});

/** `from 2 to 3 replicas` */
export function describeSizes({ from, to, unit }: ResizeOperation): string {
  return `from ${from} to ${to} ${unit}`;
}

/** Whether an operation changes a size. */
export function isResize(op: Operation): op is ResizeOperation {
  return op.kind === resize.kind;
}
