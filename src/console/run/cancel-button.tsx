import type { Run } from '../../ledger/run.js';
import { Button, Form } from '../components/form.js';
import { mayChange, type Visitor } from '../visit.js';

/** The button that cancels a run; nothing for a run that has ended or was cancelled, and for viewers. */
export function CancelButton(props: {
  readonly run: Pick<Run, 'id' | 'state' | 'cancelled'>;
  readonly visitor: Visitor;
}) {
  const { run, visitor } = props;
  if (run.state === 'ended' || run.cancelled !== undefined || !mayChange(visitor)) return null;
  return (
    <Form action={`/runs/${run.id}/cancel`} csrf={visitor.csrf} inline>
      <Button id={`cancel-${run.id}`} danger>
        Cancel
      </Button>
    </Form>
  );
}
