import { describeChange } from '../integrations/operations.js';
import type { Choice, Escalation } from '../ledger/escalation.js';
import type { Precedent } from '../ledger/evidence.js';
import type { Ledger } from '../ledger/ledger.js';
import { endOfRun, type RunEnd } from '../ledger/playbook-stats.js';
import { precedentHash } from '../ledger/precedent-index.js';
import type { Run } from '../ledger/run.js';

/** So many earlier runs and escalations are read. */
const maxRead = 20;
const maxShown = 8;

type Labels = Readonly<Record<string, string>>;

/** What is known of earlier alerts of the same name and service. */
export interface Precedents {
  /** Newest first. */
  readonly shown: readonly Precedent[];
  readonly runs: readonly Run[];
}

/** Reads what was done about earlier alerts of the same name and service; those of the same case are left out. */
export async function readPrecedents(
  ledger: Ledger,
  labels: Labels,
  caseId: string,
): Promise<Precedents> {
  const hash = precedentHash(labels);
  if (hash === null) return { shown: [], runs: [] };
  const ids = await ledger.redis.zrevrange(ledger.keys.precedents(hash), 0, maxRead - 1);
  const [runsById, escalationsById] = await Promise.all([
    ledger.runs(ids),
    ledger.escalations(ids),
  ]);
  const isEarlier = (one: { readonly caseId: string }) => one.caseId !== caseId;
  const runs = [...runsById.values()].filter(isEarlier);
  const escalations = [...escalationsById.values()].filter(isEarlier);
  const shown = [...runs.flatMap(ofRun), ...escalations.flatMap(ofEscalation)]
    .sort((a, b) => b.atMs - a.atMs)
    .slice(0, maxShown);
  return { shown, runs };
}

const results = {
  helped: 'helped',
  failed: 'failed',
  unverified: 'unknown',
  unknown: 'unknown',
  nothing_done: 'none',
  denied: 'none',
  expired: 'none',
  cancelled: 'none',
} as const satisfies Readonly<Record<RunEnd, Precedent['result']>>;

function ofRun(run: Run): readonly Precedent[] {
  if (run.state !== 'ended' || run.endedAtMs === null) return [];
  const { id, attempts, origin, createdAtMs: atMs, endedAtMs } = run;
  const result = results[endOfRun(run)];
  const taken = attempts.filter(({ appliedAtMs, undo }) => appliedAtMs !== null && !undo);
  const first = taken[0]?.appliedAtMs ?? null;
  const by = origin.kind === 'playbook' ? origin.playbook : origin.by;
  const changes = taken.map(({ change }) => describeChange(change));
  const what = changes.length === 0 ? 'nothing was changed' : changes.join(', then ');
  const tookMs = result === 'helped' && first !== null ? endedAtMs - first : null;
  return [{ id, kind: 'run', atMs, what, by, result, tookMs }];
}

/** What a run came of is told by the run. */
function ofEscalation({
  id,
  kind,
  state,
  answer,
  runId,
  createdAtMs: atMs,
}: Escalation): readonly Precedent[] {
  if (kind === 'lesson' || state === 'open' || runId !== null || answer?.runId) return [];
  const none = { id, kind: 'escalation', atMs, result: 'none', tookMs: null } as const;
  if (answer !== null) return [{ ...none, what: answer.label.toLowerCase(), by: answer.by }];
  return [{ ...none, what: state === 'expired' ? 'no one answered' : 'resolved first', by: null }];
}

/**
 * Puts the choices that helped before in front, the one that helped most of its times first, and says how often.
 * What helped is the same action on the same target in the same direction, whatever the size was.
 */
export function rankChoices(choices: readonly Choice[], runs: readonly Run[]): readonly Choice[] {
  const counted = choices.map((choice): Choice => {
    const helped = helpedBefore(choice, runs);
    return helped === null ? choice : { ...choice, helped };
  });
  const share = ({ helped }: Choice) => (helped === undefined ? 0 : helped.times / helped.of);
  const times = ({ helped }: Choice) => helped?.times ?? 0;
  return counted.toSorted((a, b) => share(b) - share(a) || times(b) - times(a));
}

/** Whether what a choice does helped an earlier alert of these runs. */
export function hasHelped(choice: Choice, runs: readonly Run[]): boolean {
  return helpedBefore(choice, runs) !== null;
}

/** `null`: it never helped. */
function helpedBefore(
  { does }: Choice,
  runs: readonly Run[],
): NonNullable<Choice['helped']> | null {
  if (does.kind !== 'act') return null;
  const alike = runs.flatMap((run) => {
    const [step] = run.steps;
    const isAlike =
      run.state === 'ended' &&
      step?.action === does.action &&
      step.target.id === does.target.id &&
      directionOf(step.params) === directionOf(does.params);
    const result = isAlike ? results[endOfRun(run)] : 'none';
    return result === 'helped' || result === 'failed' ? [result] : [];
  });
  const times = alike.filter((result) => result === 'helped').length;
  return times === 0 ? null : { times, of: alike.length };
}

function directionOf({ by }: Readonly<Record<string, unknown>>): number {
  return typeof by === 'number' ? Math.sign(by) : 0;
}
