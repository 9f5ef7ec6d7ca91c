import type { Change, Operation } from './contract/change.js';
import type { OperationKind } from './contract/operation.js';
import { createOfflineRegistry } from './offline-registry.js';

const actions = createOfflineRegistry();

/** Every kind of operation that an action plans or takes, by its name. */
export const operationKinds: ReadonlyMap<string, OperationKind> = new Map(
  [...actions.values()].flatMap(({ operations }) =>
    operations.map((operation) => [operation.kind, operation]),
  ),
);

/** What an operation does to the target of this name, as it follows "would": `restart web`. */
export function describeOperation(op: Operation, name: string): string {
  // a newer engine may have recorded a kind that this one does not know
  return operationKinds.get(op.kind)?.describe(op, name) ?? `${op.kind} ${name}`;
}

/** A change in words: `scale web from 2 to 3 replicas`, `restart web`. */
export function describeChange({ op, target }: Change): string {
  return describeOperation(op, target.name);
}

/** Whether what this action started, such as a job, is ended when its run is cancelled. */
export function endsOnCancel(action: string): boolean {
  return actions.get(action)?.end !== undefined;
}
