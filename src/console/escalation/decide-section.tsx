import { describeHelped } from '../../escalation/describe.js';
import type { Escalation } from '../../ledger/escalation.js';
import { Empty, Section } from '../components/section.js';
import { At } from '../components/time.js';
import { mayChange, type Visitor } from '../visit.js';
import { ChoiceButton } from './choice-button.js';
import { arrange } from './choices.js';

/** What can be decided, or what was: to acknowledge first, and what is suggested called so. */
export function DecideSection(props: {
  readonly escalation: Escalation;
  readonly visitor: Visitor;
}) {
  const { escalation, visitor } = props;
  if (escalation.state !== 'open') {
    return (
      <Section id="decide" title="Decision">
        <Decided escalation={escalation} />
      </Section>
    );
  }
  if (!mayChange(visitor)) {
    return (
      <Section id="decide" title="Decide">
        <Empty>You can view this, and not decide: you are signed in as a viewer.</Empty>
      </Section>
    );
  }
  return (
    <Section id="decide" title="Decide">
      <Choices escalation={escalation} />
    </Section>
  );
}

function Choices({ escalation: { id, choices } }: { readonly escalation: Escalation }) {
  if (choices === null) return <Empty>Jidoka works out suggestions…</Empty>;
  const { acknowledge, decisions, suggestions, others } = arrange(choices);
  return (
    <div class="choices">
      {decisions.map((choice) => (
        <ChoiceButton escalationId={id} choice={choice} />
      ))}
      {acknowledge !== undefined && <ChoiceButton escalationId={id} choice={acknowledge} strong />}
      {suggestions.length > 0 && <h3>Suggested</h3>}
      {suggestions.map((choice) => (
        <div>
          <ChoiceButton escalationId={id} choice={choice} />
          {choice.helped !== undefined && <small>{describeHelped(choice.helped)}</small>}
        </div>
      ))}
      {others.length > 0 && <h3>Other</h3>}
      {others.map((choice) => (
        <ChoiceButton escalationId={id} choice={choice} />
      ))}
    </div>
  );
}

/** Who decided what and why, or that no one did. */
function Decided({
  escalation: { state, answer, endedAtMs },
}: {
  readonly escalation: Escalation;
}) {
  if (answer === null) {
    return (
      <p>
        {state === 'expired'
          ? 'It expired without an answer'
          : 'Jidoka withdrew it: its alerts resolved, or it no longer applies'}
        {endedAtMs !== null && (
          <>
            , <At ms={endedAtMs} />
          </>
        )}
        .
      </p>
    );
  }
  return (
    <>
      <p>
        <b>{answer.by}</b> chose “{answer.label}”, <At ms={answer.atMs} />.
      </p>
      {answer.comment && <blockquote class="lines">{answer.comment}</blockquote>}
      {answer.runId !== null && <a href={`/runs/${answer.runId}`}>Open the run</a>}
    </>
  );
}
