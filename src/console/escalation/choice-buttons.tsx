import type { Escalation } from '../../ledger/escalation.js';
import { Button, ButtonLink, Form } from '../components/form.js';
import type { Visitor } from '../visit.js';

/**
 * What may be chosen, in the order of the escalation. What is risky, and what a person may want to give
 * a reason for, leads to a page that asks once more.
 */
export function ChoiceButtons(props: {
  readonly escalation: Pick<Escalation, 'id' | 'choices'>;
  readonly visitor: Visitor;
}) {
  const { escalation, visitor } = props;
  const { id, choices } = escalation;
  if (choices === null) return <p class="soft">Suggestions are being worked out …</p>;
  return (
    <div class="row">
      {choices.map((choice) => {
        const { label, style, does, confirm } = choice;
        if (confirm !== undefined || style === 'danger' || does.kind === 'deny') {
          const href = `/escalations/${id}/confirm?choice=${encodeURIComponent(choice.id)}`;
          return (
            <ButtonLink href={href} danger={style === 'danger'}>
              {label} …
            </ButtonLink>
          );
        }
        return (
          <Form action={`/escalations/${id}/answer`} csrf={visitor.csrf} inline>
            <Button
              name="choice"
              value={choice.id}
              id={`choose-${id}-${choice.id}`}
              primary={style === 'primary' || does.kind === 'act'}
            >
              {label}
            </Button>
          </Form>
        );
      })}
    </div>
  );
}
