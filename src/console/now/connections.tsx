import { Badge, type Tone } from '../components/badge.js';
import { Section } from '../components/section.js';
import type { HealthCheck } from '../parts.js';

const states: Readonly<
  Record<HealthCheck['state'], { readonly tone: Tone; readonly word: string }>
> = {
  good: { tone: 'good', word: 'in order' },
  unsafe: { tone: 'warn', word: 'unsafe' },
  bad: { tone: 'bad', word: 'not in order' },
  off: { tone: 'calm', word: 'not set up' },
};

/** What the engine is connected to, and how each stands; what is in order is folded away. */
export function Connections({ health }: { readonly health: readonly HealthCheck[] }) {
  const faults = health.filter(({ state }) => state === 'bad' || state === 'unsafe');
  const others = health.filter((check) => !faults.includes(check));
  return (
    <Section id="connections" title="Connections">
      {faults.length > 0 && <Checks checks={faults} />}
      <details id="connections-others">
        <summary>
          {faults.length === 0 ? 'All that is set up is in order' : `${others.length} others`}
        </summary>
        <Checks checks={others} />
      </details>
    </Section>
  );
}

function Checks({ checks }: { readonly checks: readonly HealthCheck[] }) {
  return (
    <ul class="list">
      {checks.map(({ name, state, detail }) => (
        <li>
          <div class="row">
            <Badge tone={states[state].tone}>{states[state].word}</Badge>
            <b>{name}</b>
          </div>
          <div class="soft">{detail}</div>
        </li>
      ))}
    </ul>
  );
}
