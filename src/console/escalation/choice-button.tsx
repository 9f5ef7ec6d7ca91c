import { clickValue } from '../../escalation/click.js';
import { shortened } from '../../escalation/shortened.js';
import type { Choice } from '../../ledger/escalation.js';
import { csrfField } from '../csrf-field.js';
import type { Visitor } from '../visit.js';
import { needsConfirmation } from './choices.js';

/** The id of the form that all buttons of a page send. */
const formId = 'answer';

/** The form that the buttons of choices send: one for a page, whatever the number of its buttons. */
export function AnswerForm({ visitor }: { readonly visitor: Visitor }) {
  return (
    <form id={formId} method="post" action="/escalations/answer" hidden>
      <input type="hidden" name={csrfField} value={visitor.csrf} />
    </form>
  );
}

/**
 * One choice: a button of the page's `AnswerForm`, or a link to the page that asks for confirmation. Only
 * the approval of a plan looks like what should be done: a suggestion never does.
 */
export function ChoiceButton(props: {
  readonly escalationId: string;
  readonly choice: Choice;
  readonly strong?: boolean;
  /** Whether what stands beside the button names its target already. */
  readonly short?: boolean;
}) {
  const { escalationId, choice, strong, short } = props;
  const { id, label, does } = choice;
  const words = short ? <ShortLabel choice={choice} /> : label;
  const look = does.kind === 'approve' ? 'button primary' : strong ? 'button strong' : 'button';
  if (needsConfirmation(choice)) {
    return (
      <a
        class={look}
        href={`/escalations/${escalationId}/confirm?choice=${encodeURIComponent(id)}`}
        title={label}
      >
        {words}
        {label.endsWith('…') ? '' : '…'}
      </a>
    );
  }
  return (
    <button
      type="submit"
      form={formId}
      class={look}
      id={`choose-${escalationId}-${id}`}
      name="answer"
      value={clickValue(escalationId, id)}
      title={label}
    >
      {words}
    </button>
  );
}

/** A label without the name of its target, which those who do not see the page still hear. */
function ShortLabel({ choice: { label, does } }: { readonly choice: Choice }) {
  const name = does.kind === 'act' ? ` ${shortened(does.target.name)}` : '';
  const at = name === '' ? -1 : label.indexOf(name);
  if (at < 0) return <>{label}</>;
  return (
    <>
      {label.slice(0, at)}
      <span class="unseen">{name}</span>
      {label.slice(at + name.length)}
    </>
  );
}
