import { Section } from '../components/section.js';
import type { HealthCheck } from '../parts.js';

const states: Readonly<
  Record<HealthCheck['state'], { readonly look: string; readonly word: string }>
> = {
  good: { look: 'good', word: 'healthy' },
  unsafe: { look: 'warn', word: 'unsafe' },
  bad: { look: 'bad', word: 'unhealthy' },
  off: { look: 'calm', word: 'not set up' },
};

/** What the engine is connected to, and how each is, faults first; what is not set up is folded away. */
export function Connections({ health }: { readonly health: readonly HealthCheck[] }) {
  const order = ['bad', 'unsafe', 'good'];
  const present = health
    .filter(({ state }) => state !== 'off')
    .toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const absent = health.filter(({ state }) => state === 'off');
  const isHealthy = present.every(({ state }) => state === 'good');
  return (
    <Section id="connections" title="Connections" count={isHealthy ? 'healthy' : 'unhealthy'}>
      <Checks health={present} />
      {absent.length > 0 && (
        <details id="not-set-up">
          <summary>{absent.length} not set up</summary>
          <Checks health={absent} />
        </details>
      )}
    </Section>
  );
}

function Checks({ health }: { readonly health: readonly HealthCheck[] }) {
  return (
    <dl class="checks">
      {health.map(({ name, state, detail }) => (
        <div>
          <dt>
            <span class={`dot ${states[state].look}`} aria-hidden="true" />
            {name} <span class="unseen">{states[state].word}</span>
          </dt>
          <dd class={state === 'good' ? 'cut' : ''} title={detail}>
            {state === 'good' || state === 'off' ? detail : `${states[state].word}: ${detail}`}
          </dd>
        </div>
      ))}
    </dl>
  );
}
