import type { Labels } from '../../alertmanager/alert.js';
import { type ManualRun, manualNotification } from '../../alertmanager/command.js';
import { identityOfReceived } from '../../alertmanager/identity.js';
import type { Received } from '../../alertmanager/received.js';
import { retentionMs } from '../../ledger/codec.js';
import type { Episode } from '../../ledger/episode.js';
import type { AnyLedger } from '../../ledger/ledger.js';
import type { Clock } from '../../lib/clock.js';
import { InputError } from '../../lib/errors.js';
import { shortHash } from '../../lib/short-hash.js';
import { clausesOf } from '../../playbook/clauses.js';
import { manualLabels } from '../../playbook/label-fields.js';
import type { Playbook } from '../../playbook/playbook.js';
import { unknownPlaybook } from '../../playbook/problem.js';
import type { ActivePlaybooks } from '../context/context.js';
import { type CommandState, stateOfCommand, waitForState } from './command-state.js';

/** That a person runs a playbook, as it comes in through any door. */
export interface GivenManualRun extends ManualRun {
  readonly labels: Labels;
}

/** What came of it. */
export type ManualRunResult =
  | {
      readonly kind: 'accepted';
      /** Of its alert, which is known as soon as the request is in the queue. */
      readonly alertId: string;
      readonly state: CommandState;
    }
  | { readonly kind: 'unknown_playbook'; readonly why: string }
  /** The playbook cannot be run like this; `why` says so in a sentence. */
  | { readonly kind: 'not_runnable'; readonly why: string }
  /** Another request had this key. */
  | { readonly kind: 'key_used' };

/** Runs a playbook by hand. @throws InputError for labels that cannot be; what Redis throws. */
export type RunPlaybook = (given: GivenManualRun) => Promise<ManualRunResult>;

interface RunPlaybookParts {
  /** @throws when Redis does not take it. */
  readonly enqueue: (received: Received) => Promise<void>;
  readonly ledger: AnyLedger;
  readonly active: () => Pick<ActivePlaybooks, 'library'>;
  /** `JIDOKA_WORKER_ASG`, or the empty string. */
  readonly workerAsg: string;
  readonly clock: Clock;
  /** How long a request waits for its decision (default: 5 s). */
  readonly waitMs?: number;
}

const maxLabels = 50;
const maxCharacters = 1_000;
const defaultWaitMs = 5_000;

/**
 * Creates what runs playbooks by hand. A request becomes an alert of the source `manual`, so it passes the
 * same queue, guards, approvals and records as any other. The key of the request is its identity: the same
 * one that is sent again finds its alert, and starts nothing.
 */
export function createRunPlaybook(parts: RunPlaybookParts): RunPlaybook {
  const { enqueue, ledger, active, workerAsg, clock, waitMs = defaultWaitMs } = parts;

  return async ({ labels: given, ...manual }) => {
    const { library } = active();
    const playbook = library.named(manual.playbook);
    if (playbook === undefined) {
      return { kind: 'unknown_playbook', why: unknownPlaybook(manual.playbook, library) };
    }
    checkLabels(given);
    const labels = manualLabels(playbook, given);
    const identity = identityOfReceived({ source: 'manual', manual }, labels, new Set());
    const content = shortHash(JSON.stringify([manual.playbook, Object.entries(labels).sort()]));

    let episode = await read(identity);
    if (episode === null) {
      const fault = faultOf(playbook, labels, workerAsg);
      if (fault !== null) return { kind: 'not_runnable', why: fault };
      const receivedAtMs = await reserve(manual.key, content);
      if (receivedAtMs === null) return { kind: 'key_used' };
      const notification = manualNotification(manual, labels, receivedAtMs);
      await enqueue({ source: 'manual', receivedAtMs, notification, manual });
    } else if ((await reserve(manual.key, content)) === null) {
      return { kind: 'key_used' };
    }

    const look = async () => {
      episode = await read(identity);
      return stateOfCommand(ledger, episode);
    };
    const state = await waitForState(look, (now) => now.state !== 'queued', waitMs);
    return { kind: 'accepted', alertId: episode?.id ?? `${identity}-1`, state };
  };

  async function read(identity: string): Promise<Episode | null> {
    const [stored] = await ledger.episodes([identity]);
    return stored?.value ?? null;
  }

  /**
   * Keeps what a key stands for, so that a request which is sent again counts as received when the first one
   * was: that one may be done by then. `null`: the key stands for another request.
   */
  async function reserve(key: string, content: string): Promise<number | null> {
    const nowMs = clock.now();
    const place = ledger.keys.manualRun(shortHash(key));
    await ledger.commit({
      checks: [{ kind: 'absent', key: place }],
      writes: [['SET', place, `${content} ${nowMs}`, 'PX', retentionMs]],
      nowMs,
    });
    const [known, receivedAtMs] = (await ledger.redis.get(place))?.split(' ') ?? [];
    return known === content ? Number(receivedAtMs) : null;
  }
}

/** @throws InputError for too many labels, and for a label that is too long or has no name. */
function checkLabels(given: Labels): void {
  const entries = Object.entries(given);
  if (entries.length > maxLabels) {
    throw new InputError(`labels: expected at most ${maxLabels}, got ${entries.length}`, 'labels');
  }
  for (const [name, value] of entries) {
    if (name === '') throw new InputError('labels: expected a name for each label', 'labels');
    if (name.length <= maxCharacters && value.length <= maxCharacters) continue;
    const shown = name.slice(0, 60);
    const message = `labels.${shown}: expected at most ${maxCharacters} characters`;
    throw new InputError(message, `labels.${shown}`);
  }
}

/** Why a playbook cannot be run with these labels; `null`: it can, as far as its file says. */
function faultOf(playbook: Playbook, labels: Labels, workerAsg: string): string | null {
  const { name, ignore, mode } = playbook;
  if (ignore) return `${name} ignores alerts: it has no steps to run`;
  if (mode === 'shadow') {
    return `${name} is in shadow mode and changes nothing: set mode to approve or auto to run it`;
  }
  const input = { labels, annotations: {}, manual: name, worker_asg: workerAsg };
  const missed = clausesOf(playbook, input).find(({ outcome }) => outcome !== 'met');
  if (missed === undefined) return null;
  const { clause, expected, actual } = missed;
  return `${name} does not match these labels: ${clause}: expected ${expected}, got ${actual}`;
}
