import type { Labels } from '../../alertmanager/alert.js';
import type { AuditRecord } from '../../ledger/audit.js';
import type { Reason } from '../../ledger/reason.js';
import type { Outcome, Part } from './outcome.js';

/** An alert whose story goes on. */
interface OpenAlert {
  readonly id: string;
  readonly openedAtMs: number;
  labels: Labels;
  closed: boolean;
  /** How many of its runs go on. */
  running: number;
  /** By playbook; `''`: by none. */
  readonly parts: Map<string, Part>;
  readonly holds: Map<string, Part>;
}

/** A run that goes on. */
interface OpenRun {
  readonly playbook: string;
  readonly asked: boolean;
  changes: number;
  readonly alerts: OpenAlert[];
}

/** A run that ended, or (`reason: null`) was still going on at the end of the record. */
export interface RunStory {
  readonly playbook: string;
  readonly asked: boolean;
  readonly changes: number;
  readonly reason: Reason | null;
}

interface StoryOptions {
  readonly onOutcome: (outcome: Outcome) => void;
  readonly onRun: (run: RunStory) => void;
}

/**
 * Makes of the audit records of a simulation what became of each alert. It holds what goes on, and tells
 * what is over: an alert that resolved and whose runs have ended.
 */
export function createStory({ onOutcome, onRun }: StoryOptions) {
  const alerts = new Map<string, OpenAlert>();
  const runs = new Map<string, OpenRun>();
  let nameless: OpenAlert[] = [];
  /** Those that may be over. */
  let over: OpenAlert[] = [];
  /** The run whose change is under way. */
  let changing: OpenRun | undefined;

  function record(one: AuditRecord): void {
    if (one.subject === 'episode') ofAlert(one);
    if (one.subject === 'run') ofRun(one);
  }

  function ofAlert({ id, event, atMs, playbook = '', ...rest }: AuditRecord): void {
    switch (event) {
      case 'opened':
      case 'reopened':
        open(id, atMs);
        return;
      case 'resolved':
      case 'closed':
        close(id);
        return;
      case 'held':
      case 'escalated':
      case 'ignored':
      case 'shadow': {
        const alert = alerts.get(id);
        if (alert === undefined) return;
        const { reason = null } = rest;
        const part: Part = { playbook: playbook || null, fate: event, reason };
        if (event === 'held') alert.holds.set(`${playbook} ${reason}`, part);
        const known = alert.parts.get(playbook)?.fate;
        // that a playbook is not run twice says nothing new of it
        if (known !== 'acted' && known !== 'asked' && known !== 'ran') {
          alert.parts.set(playbook, part);
        }
      }
    }
  }

  function ofRun({ id, event, playbook, reason, alert = '' }: AuditRecord): void {
    switch (event) {
      case 'admitted':
      case 'asked': {
        if (playbook === undefined) return; // approved: it goes on
        const run = { playbook, asked: event === 'asked', changes: 0, alerts: [] };
        runs.set(id, run);
        join(run, alerts.get(alert));
        return;
      }
      case 'joined':
        join(runs.get(id), alerts.get(alert));
        return;
      case 'applying':
        changing = runs.get(id);
        return;
      case 'ended': {
        const run = runs.get(id);
        runs.delete(id);
        if (run !== undefined) endRun(run, reason ?? null);
      }
    }
  }

  function open(id: string, openedAtMs: number): void {
    const known = alerts.get(id);
    if (known !== undefined) {
      known.closed = false;
      return;
    }
    const parts = new Map<string, Part>();
    const holds = new Map<string, Part>();
    const alert = { id, openedAtMs, labels: {}, closed: false, running: 0, parts, holds };
    alerts.set(id, alert);
    nameless.push(alert);
  }

  function close(id: string): void {
    const alert = alerts.get(id);
    if (alert === undefined) return;
    alert.closed = true;
    over.push(alert);
  }

  function join(run: OpenRun | undefined, alert: OpenAlert | undefined): void {
    if (run === undefined || alert === undefined) return;
    alert.running += 1;
    run.alerts.push(alert);
    const { playbook } = run;
    alert.parts.set(playbook, { playbook, fate: run.asked ? 'asked' : 'ran', reason: null });
  }

  function endRun(run: OpenRun, reason: Reason | null): void {
    const { playbook, asked, changes } = run;
    const fate = changes > 0 ? 'acted' : asked ? 'asked' : 'ran';
    for (const alert of run.alerts) {
      alert.parts.set(playbook, { playbook, fate, reason });
      alert.running -= 1;
      over.push(alert);
    }
    onRun({ playbook, asked, changes, reason });
  }

  /**
   * Tells what is over, after each notification.
   *
   * @param labelsOf reads the labels of alerts by their ids, in their order
   */
  async function tell(
    labelsOf: (ids: readonly string[]) => Promise<readonly Labels[]>,
  ): Promise<void> {
    if (nameless.length > 0) {
      const unnamed = nameless;
      nameless = [];
      const found = await labelsOf(unnamed.map(({ id }) => id));
      for (const [index, alert] of unnamed.entries()) alert.labels = found[index] ?? {};
    }
    if (over.length === 0) return;
    for (const alert of over) if (alert.closed && alert.running === 0) tellOne(alert);
    over = [];
  }

  function tellOne(alert: OpenAlert): void {
    if (!alerts.delete(alert.id)) return;
    const { id, labels, openedAtMs, holds } = alert;
    const parts = [...alert.parts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);
    const key = `${id}@${openedAtMs}`;
    onOutcome({ key, labels, openedAtMs, parts, holds: [...holds.values()] });
  }

  /** Tells the rest as it stands: nothing more is known of it. */
  function end(): void {
    for (const run of runs.values()) endRun(run, null);
    runs.clear();
    for (const alert of [...alerts.values()]) tellOne(alert);
  }

  return {
    record,

    /** A target took the change that was recorded last. Gives back whose it was. */
    changed(): string | undefined {
      if (changing !== undefined) changing.changes += 1;
      return changing?.playbook;
    },

    tell,
    end,
    /** What it holds: alerts and runs that go on. */
    get size(): number {
      return alerts.size + runs.size;
    },
  };
}
