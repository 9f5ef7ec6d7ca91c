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

/** What the engine is connected to, and how each is: faults first. */
export function Connections({ health }: { readonly health: readonly HealthCheck[] }) {
  const order = ['bad', 'unsafe', 'good', 'off'];
  const sorted = health.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const isHealthy = !health.some(({ state }) => state === 'bad' || state === 'unsafe');
  return (
    <Section id="connections" title="Connections" count={isHealthy ? 'healthy' : 'unhealthy'}>
      <dl class="checks">
        {sorted.map(({ name, state, detail }) => (
          <div>
            <dt>
              <span class={`dot ${states[state].look}`} aria-hidden="true" />
              {name} <span class="unseen">{states[state].word}</span>
            </dt>
            <dd class={state === 'good' || state === 'off' ? 'cut' : ''} title={detail}>
              {state === 'good' ? detail : `${states[state].word}: ${detail}`}
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
