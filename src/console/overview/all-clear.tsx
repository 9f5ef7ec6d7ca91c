import { sentence } from '../../lib/sentence.js';
import type { Overview } from './read-overview.js';

/** One thing to set up. */
interface SetupStep {
  readonly name: string;
  readonly isDone: boolean;
  /** What to do. */
  readonly how: string;
}

/** Says that nothing needs attention, and what is still to be set up. */
export function AllClear({ now }: { readonly now: Overview }) {
  const steps = setupSteps(now);
  const next = steps.find(({ isDone }) => !isDone);
  return (
    <div class="all-clear">
      <p class="clear">
        <span aria-hidden="true">✓</span> <b>All clear.</b> Nothing needs attention.
      </p>
      {next !== undefined && (
        <>
          <p>Next step: {next.how}</p>
          <ul class="checklist">
            {steps.map(({ name, isDone, how }) => (
              <li class={isDone ? 'done' : 'open'}>
                <span aria-hidden="true">{isDone ? '✓' : '○'}</span>
                <span>
                  <b>{name}</b> <span class="unseen">{isDone ? 'done' : 'to do'}</span>
                  {!isDone && <span class="soft"> {how}</span>}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

/** What there is to set up, in the order in which to do it. */
export function setupSteps(
  now: Pick<Overview, 'alertsKept' | 'playbooks' | 'health'>,
): readonly SetupStep[] {
  return [
    {
      name: 'Receive alerts',
      isDone: now.alertsKept > 0,
      how: 'Have Alertmanager post to /webhooks/alertmanager of this engine.',
    },
    {
      name: 'Load playbooks',
      isDone: now.playbooks > 0,
      how: 'Put playbooks into the folder that JIDOKA_PLAYBOOKS names.',
    },
    ...now.health
      .filter(({ state }) => state === 'off')
      .map(({ name, detail }) => ({
        name: `Set up ${name}`,
        isDone: false,
        how: sentence(detail),
      })),
  ];
}
