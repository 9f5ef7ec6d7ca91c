import { type Effect, effectText } from '../../integrations/contract/simulation.js';
import type { Message } from '../messages.js';
import { type Fate, fates, mainFate, type Outcome } from './outcome.js';
import { createSpread, type Spread } from './spread.js';
import type { RunStory } from './story.js';

/** How often each of some words occurred, the most frequent first. */
export type Counts = Readonly<Record<string, number>>;

/** What one playbook would have done. Alerts are counted once each. */
export interface PlaybookTally {
  readonly name: string;
  readonly mode: string;
  readonly alerts: number;
  readonly fates: Counts;
  readonly runs: number;
  /** Runs before which a person was asked. */
  readonly asked: number;
  readonly changes: number;
  /** How its runs ended. */
  readonly ended: Counts;
  /** How many alerts each guard held back. */
  readonly held: Counts;
  readonly escalated: Counts;
}

/** What happened to one target. */
export interface TargetTally {
  readonly kind: string;
  readonly name: string;
  readonly changes: number;
  /** The smallest and the largest size that it had; `null`: its size was not changed. */
  readonly least: number | null;
  readonly most: number | null;
  /** The first changes; no more than `shownChanges`. */
  readonly first: readonly { readonly atMs: number; readonly change: string }[];
}

/** What people were told of the alerts of one name. */
export interface ReachedTally {
  readonly alertname: string;
  readonly messages: number;
  /** What the messages were about. */
  readonly reasons: Counts;
}

/** What a set of playbooks would have done with a record. */
export interface Tally {
  /** Alerts from firing until resolved, by what became of them. */
  readonly alerts: number;
  readonly fates: Readonly<Record<Fate, number>>;
  /** Where no playbook was concerned. */
  readonly unmatched: Counts;
  readonly playbooks: readonly PlaybookTally[];
  readonly changes: number;
  readonly targets: readonly TargetTally[];
  readonly spread: Spread & { readonly windowMs: number };
  /** How often the blast radius tripped, and a breaker opened. */
  readonly trips: Counts;
  readonly messages: number;
  readonly reached: readonly ReachedTally[];
}

const shownChanges = 10;

type Counter = Map<string, number>;

/** Adds up what a simulation tells. What it holds grows with playbooks, targets and names of alerts only. */
export function createTally(options: {
  readonly playbooks: readonly { readonly name: string; readonly mode: string }[];
  /** The span of the blast radius. */
  readonly windowMs: number;
}) {
  const { windowMs } = options;
  const playbooks = new Map(options.playbooks.map(({ name, mode }) => [name, newPlaybook(mode)]));
  const targets = new Map<string, TargetTally & { first: TargetTally['first'][number][] }>();
  const reached = new Map<string, { messages: number; reasons: Counter }>();
  const spread = createSpread(windowMs);
  const main: Counter = new Map();
  const unmatched: Counter = new Map();
  const trips: Counter = new Map();
  let alerts = 0;
  let changes = 0;
  let messages = 0;

  function outcome(one: Outcome): void {
    alerts += 1;
    count(main, mainFate(one));
    for (const { playbook, fate, reason } of one.parts) {
      const known = playbook === null ? undefined : playbooks.get(playbook);
      if (known === undefined) {
        count(unmatched, reason ?? fate);
        continue;
      }
      known.alerts += 1;
      count(known.fates, fate);
      if (fate === 'escalated' && reason !== null) count(known.escalated, reason);
    }
    for (const { playbook, reason } of one.holds) {
      const known = playbooks.get(playbook ?? '');
      if (known !== undefined && reason !== null) count(known.held, reason);
    }
  }

  function run({ playbook, asked, changes, reason }: RunStory): void {
    const known = playbooks.get(playbook);
    if (known === undefined) return;
    known.runs += 1;
    if (asked) known.asked += 1;
    known.changes += changes;
    count(known.ended, reason ?? 'still going on');
  }

  function effect(taken: Effect): void {
    const { kind, name, atMs } = taken;
    changes += 1;
    const id = `${kind}/${name}`;
    spread.add(id, atMs);
    const known = targets.get(id);
    const first = known?.first ?? [];
    if (first.length < shownChanges) first.push({ atMs, change: effectText(taken) });
    const sizes = [known?.least ?? [], known?.most ?? []].flat();
    if (taken.from !== undefined) sizes.push(taken.from, taken.to);
    const least = sizes.length === 0 ? null : Math.min(...sizes);
    const most = sizes.length === 0 ? null : Math.max(...sizes);
    targets.set(id, { kind, name, changes: (known?.changes ?? 0) + 1, least, most, first });
  }

  function message({ escalation }: Message): void {
    messages += 1;
    const { alertname = '' } = escalation.labels;
    const known = reached.get(alertname) ?? { messages: 0, reasons: new Map() };
    known.messages += 1;
    count(known.reasons, escalation.reason);
    reached.set(alertname, known);
  }

  function result(): Tally {
    return {
      alerts,
      fates: Object.fromEntries(fates.map((fate) => [fate, main.get(fate) ?? 0])) as Tally['fates'],
      unmatched: counts(unmatched),
      playbooks: [...playbooks].map(([name, one]) => ({
        name,
        mode: one.mode,
        alerts: one.alerts,
        fates: counts(one.fates),
        runs: one.runs,
        asked: one.asked,
        changes: one.changes,
        ended: counts(one.ended),
        held: counts(one.held),
        escalated: counts(one.escalated),
      })),
      changes,
      targets: [...targets.values()].sort((a, b) => b.changes - a.changes || byName(a, b)),
      spread: { windowMs, ...spread.widest() },
      trips: counts(trips),
      messages,
      reached: [...reached]
        .map(([alertname, one]) => ({ alertname, ...one, reasons: counts(one.reasons) }))
        .sort((a, b) => b.messages - a.messages),
    };
  }

  return { outcome, run, effect, message, trip: (id: string) => count(trips, id), result };
}

function newPlaybook(mode: string) {
  return {
    mode,
    alerts: 0,
    runs: 0,
    asked: 0,
    changes: 0,
    fates: new Map() as Counter,
    ended: new Map() as Counter,
    held: new Map() as Counter,
    escalated: new Map() as Counter,
  };
}

function count(counter: Counter, word: string): void {
  counter.set(word, (counter.get(word) ?? 0) + 1);
}

function counts(counter: Counter): Counts {
  return Object.fromEntries([...counter].sort(([, a], [, b]) => b - a));
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
