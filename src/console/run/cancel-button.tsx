import { endsOnCancel } from '../../integrations/operations.js';
import type { Run } from '../../ledger/run.js';
import { Button, Form } from '../components/form.js';
import { mayChange, type Visitor } from '../visit.js';

/** The button that cancels a run, and says where that ends a job; nothing for a run that has ended or was cancelled, and for viewers. */
export function CancelButton(props: {
  readonly run: Pick<Run, 'id' | 'state' | 'cancelled' | 'step' | 'steps'>;
  readonly visitor: Visitor;
}) {
  const { run, visitor } = props;
  if (run.state === 'ended' || run.cancelled !== undefined || !mayChange(visitor)) return null;
  return (
    <Form action={`/runs/${run.id}/cancel`} csrf={visitor.csrf} inline>
      <Button id={`cancel-${run.id}`} danger>
        {endsJob(run) ? 'Cancel, end job' : 'Cancel'}
      </Button>
    </Form>
  );
}

/** Whether something that the run started may still run, such as a job: to cancel the run ends it. */
function endsJob({ state, step, steps }: Pick<Run, 'state' | 'step' | 'steps'>): boolean {
  const isAtWork = state === 'applying' || state === 'converging';
  return isAtWork && endsOnCancel(steps[step]?.action ?? '');
}
