import type { Clock } from '../clock.js';
import { messageOf } from '../errors.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Readiness } from '../receiver/health.js';

type Check = Readiness['checks'][string];

/**
 * Asks everything that taking in and acting need.
 *
 * @param options.acting says how the half that acts does; throws why it does not
 * @param options.others what is told beside, and makes nothing less ready
 */
export function createReadiness(options: {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly acting: () => Promise<string>;
  /** Which playbooks decide. */
  readonly playbooks: () => string;
  readonly others: () => Readiness['checks'];
}): () => Promise<Readiness> {
  const { ledger, clock, acting, playbooks, others } = options;
  return async () => {
    const [redis, worker] = await Promise.all([
      attempt(async () => {
        // nothing to write, but all that a transaction needs: a Redis that runs scripts and takes writes
        await ledger.commit({ checks: [], writes: [], nowMs: clock.now() });
        return 'takes transactions';
      }),
      attempt(acting),
    ]);
    const checks = { redis, worker, playbooks: { ok: true, detail: playbooks() } };
    const ready = Object.values(checks).every(({ ok }) => ok);
    return { ready, checks: { ...checks, ...others() } };
  };
}

async function attempt(call: () => Promise<string>): Promise<Check> {
  try {
    return { ok: true, detail: await call() };
  } catch (error) {
    return { ok: false, detail: messageOf(error) };
  }
}
