import { operationKinds } from '../integrations/operations.js';
import type { Preview } from '../ledger/run.js';
import { describePreview } from './describe.js';

/**
 * What a person is to confirm before steps are let go, in a sentence; `undefined`: nothing in them is
 * risky, and one click does it. Each kind of operation says what is risky about it. Pure.
 */
export function riskOf(steps: readonly Pick<Preview, 'name' | 'operations'>[]): string | undefined {
  const risks = new Set(
    steps.flatMap(({ operations }) =>
      operations.flatMap((op) => operationKinds.get(op.kind)?.risk(op) ?? []),
    ),
  );
  if (risks.size === 0) return undefined;
  const preview = describePreview(steps.map((step) => ({ detail: '', ...step })));
  return `This would ${preview}. ${[...risks].join(' ')}`;
}
