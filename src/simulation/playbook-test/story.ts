import type { Labels } from '../../alertmanager/alert.js';
import { identityIn } from '../../alertmanager/identity.js';
import type { Source } from '../../alertmanager/source.js';
import { describeMiss } from '../../escalation/describe.js';
import { type Effect, effectText } from '../../integrations/contract/simulation.js';
import type { AuditRecord } from '../../ledger/audit.js';
import { formatDuration } from '../../lib/time.js';
import type { Message } from '../messages.js';
import type { Difference } from './difference.js';

/** What happens in a test, as far as its expectations ask for it and as people read it. */
export type Story = ReturnType<typeof createStory>;

/** What goes without saying. */
const unremarkable: ReadonlySet<string> = new Set([
  'episode opened',
  'episode resolved',
  'escalation opened',
  'run looked',
  'run applied',
]);

const timeWidth = 8;
const maxMisses = 3;

/** Listens to a simulation. */
export function createStory(startMs: number) {
  const lines: string[] = [];
  const messages: Message[] = [];
  const effects: Effect[] = [];
  const faults: Difference[] = [];
  const runs = new Set<string>();
  const identities = new Set<string>();
  const names = new Map<string, string>();
  const watchers: ((effect: Effect) => void)[] = [];

  /** Notes what happened; the further lines of a text stand below its first. */
  function tell(atMs: number, text: string): void {
    const seconds = Math.floor((atMs - startMs) / 1_000);
    const [first, ...rest] = text.split('\n');
    lines.push(`${formatDuration(seconds * 1_000).padStart(timeWidth)}  ${first}`);
    lines.push(...rest.map((line) => `${' '.repeat(timeWidth + 4)}${line}`));
  }

  /** Alerts by their names instead of their ids. */
  function named(text: string): string {
    return text.replace(/\b[0-9a-f]{32}-\d+\b/g, (id) => nameOf(id));
  }

  function nameOf(episodeId: string): string {
    return names.get(episodeId.slice(0, 32)) ?? episodeId;
  }

  function onRecord({ atMs, subject, id, event, reason, detail, by }: AuditRecord): void {
    if (subject === 'run') runs.add(id);
    if (subject === 'episode') identities.add(id.slice(0, id.lastIndexOf('-')));
    if (unremarkable.has(`${subject} ${event}`)) return;
    const who = subject === 'episode' ? nameOf(id) : `${subject} ${id}`;
    const why = reason === undefined ? '' : ` (${reason})`;
    const more = [by === undefined ? '' : ` by ${by}`, detail ? `: ${named(detail)}` : ''].join('');
    tell(atMs, `${who} ${event.replaceAll('_', ' ')}${why}${more}`);
  }

  return {
    lines,
    /** Every message so far. */
    messages,
    /** Every change that a target took so far. */
    effects,
    /** What the test itself asks for and cannot have, such as a click on a button that there is not. */
    faults,
    /** The ids of all runs, and the identities of all alerts. */
    runs,
    identities,

    /** Notes that an alert is sent, before the engine takes it. */
    delivered(
      atMs: number,
      { labels, source }: { readonly labels: Labels; readonly source: Source },
      status: 'firing' | 'resolved',
    ): void {
      const name = describeLabels(labels);
      names.set(identityIn(source, labels, new Set()), name);
      tell(atMs, `${name} ${status === 'firing' ? 'fires' : 'has resolved'}`);
    },

    onEffect(watch: (effect: Effect) => void): void {
      watchers.push(watch);
    },

    listeners: {
      onRecord,
      onMessage(message: Message): void {
        messages.push(message);
        const { reason, misses } = message.escalation;
        const missed = reason === 'no_match' ? misses.slice(0, maxMisses).map(describeMiss) : [];
        tell(message.atMs, [`message ${describeMessage(message)}`, ...missed].join('\n'));
      },
      onEffect(effect: Effect): void {
        effects.push(effect);
        tell(effect.atMs, `${effect.name}: ${effectText(effect)}`);
        for (const watch of watchers) watch(effect);
      },
    },
  };
}

/** `ServiceSlow{service="web"}` */
export function describeLabels({ alertname = '', ...labels }: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${alertname}{${pairs.join(', ')}}`;
}

/** A message with its channel, reason, title, text and buttons. */
export function describeMessage({ channel, title, text, escalation }: Message): string {
  const buttons = (escalation.choices ?? []).map(({ label }) => `[${label}]`).join(' ');
  const to = channel ?? 'the default channel';
  return [`to ${to} (${escalation.reason}) "${title}": ${text}`, buttons]
    .filter(Boolean)
    .join('\n');
}
