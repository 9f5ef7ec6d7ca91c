import { describePreview } from '../../escalation/describe.js';
import type { Run } from '../../ledger/run.js';
import { formatDuration } from '../../lib/time.js';
import { boundsInWords } from '../bounds-words.js';
import { Section } from '../components/section.js';
import { Table } from '../components/table.js';

/** The plan that waits for approval: each step with what it would do, and its bounds. */
export function PlanSection({ run }: { readonly run: Run }) {
  const { steps, shown } = run;
  return (
    <Section id="plan" title="Plan">
      <Table
        caption="The steps of the plan"
        columns={['Step', 'Would', 'Bounds', 'Then']}
        rows={steps.map(({ action, params, settleMs, repeat, undo }, index) => {
          const preview = shown?.[index];
          return [
            `${index + 1}. ${action}`,
            preview === undefined ? '–' : describePreview([preview]),
            boundsInWords(params) || 'of the target',
            [
              `settle ${formatDuration(settleMs)}`,
              ...(repeat > 1 ? [`up to ${repeat} times`] : []),
              ...(undo ? ['undo if it does not help'] : []),
            ].join(', '),
          ];
        })}
      />
    </Section>
  );
}
