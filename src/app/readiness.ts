import type { Readiness } from '../api/health.js';
import { skewInWords } from '../ledger/clock-skew.js';
import { maxSkewMs } from '../ledger/fence.js';
import { messageOf } from '../lib/errors.js';
import type { ProbeFinding } from '../queue/probe.js';
import { describeStuck, type QueueWatch } from '../queue/stuck.js';

type Check = Readiness['checks'][string];

/**
 * Asks everything that taking in and acting need. An engine is ready while Redis takes what it receives and
 * what was taken is worked off: only a queue that has stood still for a minute makes it less ready, so that
 * neither a storm nor workers that restart do. What is in the way is told at once.
 *
 * @param options.probe what Redis does not do although the work needs it
 * @param options.queues whether what was taken is worked off
 * @param options.askWorker says how the worker does; throws why it does not
 * @param options.others what is told beside, and makes nothing less ready
 */
export function createReadiness(options: {
  readonly probe: () => Promise<ProbeFinding | null>;
  readonly queues: Pick<QueueWatch, 'stuck' | 'waiting'>;
  readonly askWorker: () => Promise<string>;
  /** By how many milliseconds this machine's clock is ahead of that of Redis; `null`: not known. */
  readonly clockSkew: () => Promise<number | null>;
  /** Which playbooks decide. */
  readonly playbooks: () => string;
  readonly others: () => Promise<Readiness['checks']>;
}): () => Promise<Readiness> {
  const { probe, queues, askWorker, clockSkew, playbooks, others } = options;
  return async () => {
    const [found, worker, skewMs, beside] = await Promise.all([
      find(probe),
      attempt(askWorker),
      clockSkew().catch(() => null),
      others(),
    ]);
    const [stuck] = queues.stuck();
    const refusesWrites = found?.need === 'write';
    const checks = {
      redis: refusesWrites ? { ok: false, detail: found.detail } : { ok: true, detail: 'writable' },
      worker,
      queue: checkQueue(queues.waiting(), [
        ...(stuck === undefined ? [] : [describeStuck(stuck)]),
        ...(found === null || refusesWrites ? [] : [found.detail]),
      ]),
      playbooks: { ok: true, detail: playbooks() },
    };
    return {
      ready: checks.redis.ok && stuck === undefined,
      checks: { ...checks, ...clockFault(skewMs), ...beside },
    };
  };
}

/** What is in the way of which need, in Redis' own words first; `null`: nothing. */
async function find(
  probe: () => Promise<ProbeFinding | null>,
): Promise<{ readonly need: ProbeFinding['need']; readonly detail: string } | null> {
  try {
    const found = await probe();
    return found && { need: found.need, detail: `${found.answer}: ${found.advice}` };
  } catch (error) {
    return { need: 'write', detail: messageOf(error) };
  }
}

function checkQueue(waiting: number, faults: readonly string[]): Check {
  if (faults.length > 0) return { ok: false, detail: faults.join('; ') };
  return { ok: true, detail: waiting === 0 ? 'nothing waits' : `${waiting} jobs wait` };
}

/** Told beside, and only where it is wrong: notifications are taken in all the same. */
function clockFault(skewMs: number | null): Readiness['checks'] {
  if (skewMs === null || Math.abs(skewMs) <= maxSkewMs) return {};
  const detail = `${skewInWords(skewMs)}: this engine changes nothing until the clocks agree; run NTP`;
  return { clock: { ok: false, detail } };
}

async function attempt(call: () => Promise<string>): Promise<Check> {
  try {
    return { ok: true, detail: await call() };
  } catch (error) {
    return { ok: false, detail: messageOf(error) };
  }
}
