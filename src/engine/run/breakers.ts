import { breakerChoices } from '../../escalation/choices.js';
import { draftFault } from '../../escalation/draft.js';
import { type Breaker, countFailure, lessonOf, opensWith } from '../../guard/breaker.js';
import type { Escalation } from '../../ledger/escalation.js';
import { executed } from '../../ledger/pipeline.js';
import type { Outcome, Run } from '../../ledger/run.js';
import type { Check, Write } from '../../ledger/transaction.js';
import type { Playbook } from '../../playbook/playbook.js';
import type { EngineContext } from '../context/context.js';

/** Those of the playbooks whose breaker is open. */
export async function openBreakersOf(
  { ledger }: EngineContext,
  playbooks: readonly Playbook[],
): Promise<ReadonlySet<string>> {
  const names = playbooks.filter(({ ignore }) => !ignore).map(({ name }) => name);
  if (names.length === 0) return new Set();
  const found = await ledger.redis.hmget(ledger.keys.breakers, ...names);
  return new Set(names.filter((_, index) => found[index] !== null));
}

/** What goes with the end of a run, in the same step, for the sake of its playbook's breaker. */
interface Counted {
  readonly checks: readonly Check[];
  readonly writes: readonly Write[];
  /** The report to a person where the breaker opens. */
  readonly report?: Escalation;
}

/** Counts a run that ends: one that helped sets the count back, one that did not may open the breaker. */
export async function countEnd(
  context: EngineContext,
  run: Run,
  outcome: Outcome,
  nowMs: number,
): Promise<Counted> {
  const { keys, redis } = context.ledger;
  const lesson = lessonOf(run, outcome);
  if (lesson === 'nothing' || run.origin.kind === 'person') return { checks: [], writes: [] };
  const { playbook } = run.origin;
  if (lesson === 'helped') return { checks: [], writes: [['HDEL', keys.failures, playbook]] };
  const [failures, open] = await executed(
    redis.pipeline().hget(keys.failures, playbook).hexists(keys.breakers, playbook),
  );
  const state = { failures: Number(failures ?? 0), open: open === 1 };
  const counted = countFailure(keys, playbook, state);
  if (!opensWith(state, context.active().policy.breaker.failures)) return counted;
  return opened(context, run, { ...counted, playbook, failures: state.failures + 1 }, nowMs);
}

function opened(
  { ledger, active }: EngineContext,
  run: Run,
  { playbook, failures, checks, writes }: Counted & { playbook: string; failures: number },
  nowMs: number,
): Counted {
  const times = failures === 1 ? 'run' : `${failures} runs in a row`;
  const fault = draftFault(
    'breaker',
    `${playbook}: circuit breaker open`,
    `The last ${times} of ${playbook} failed or did not help. Each of its runs now requires approval, until a person resets the circuit breaker: here, on the console, or with POST /api/v1/breakers/${playbook}/reset.`,
    `breaker:${playbook}`,
    {
      id: ledger.newId(),
      channel: run.channel ?? active().policy.escalate.channel,
      expiresAtMs: null,
      nowMs,
    },
  );
  const report = { ...fault, choices: breakerChoices(playbook) };
  const escalationId = report.id;
  const breaker: Breaker = { playbook, openedAtMs: nowMs, failures, runId: run.id, escalationId };
  return {
    checks,
    writes: [
      ...writes,
      ['HSET', ledger.keys.breakers, playbook, JSON.stringify(breaker)],
      ledger.letGoOfCase(report.caseId),
      ledger.audit({
        atMs: nowMs,
        subject: 'guard',
        id: `breaker:${playbook}`,
        event: 'opened',
        reason: 'breaker',
        detail: `run ${run.id} was the last of ${failures}`,
      }),
    ],
    report,
  };
}
