import type { Target } from '../integrations/contract/change.js';
import type { Episode } from '../ledger/episode.js';
import type { Ledger } from '../ledger/ledger.js';
import { type Run, targetsOf } from '../ledger/run.js';

/** What evidence is gathered about: an escalation or a run. */
export interface EvidenceSubject {
  readonly id: string;
  readonly caseId: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Where Prometheus shows the alert; empty: that was not said. */
  readonly generatorUrl: string;
  /** The targets of its run; empty: it has none. */
  readonly targets: readonly Target[];
  /** The firing alerts of its case, a few of them. */
  readonly firing: readonly Episode[];
  /** Since when its alert fires. */
  readonly alertAtMs: number;
  /** `null`: it has not ended. */
  readonly endedAtMs: number | null;
}

/** So many alerts of a case are read. */
const maxFiring = 20;

/** Reads what evidence is gathered about; `null`: it is gone, or there is nothing to gather about it. */
export async function readSubject(ledger: Ledger, id: string): Promise<EvidenceSubject | null> {
  const escalation = (await ledger.escalation(id))?.value;
  if (escalation?.kind === 'lesson') return null;
  const runId = escalation === undefined ? id : escalation.runId;
  const run: Run | undefined = runId === null ? undefined : (await ledger.run(runId))?.value;
  const about = escalation ?? run;
  if (about === undefined) return null;
  const firing = await firingIn(ledger, about.caseId);
  const startsMs = firing.flatMap(startsOf);
  const source = escalation?.links.find(({ text }) => text === 'Source')?.url ?? '';
  return {
    id,
    caseId: about.caseId,
    labels: about.labels,
    generatorUrl: source || (firing[0]?.generatorUrl ?? ''),
    targets: run === undefined ? [] : targetsOf(run),
    firing,
    alertAtMs: Math.min(about.createdAtMs, ...startsMs),
    endedAtMs: about.endedAtMs,
  };
}

async function firingIn(ledger: Ledger, caseId: string): Promise<readonly Episode[]> {
  const identities = await ledger.redis.srandmember(ledger.keys.caseOpen(caseId), maxFiring);
  const stored = await ledger.episodes(identities);
  return stored.flatMap((one) => (one === null ? [] : [one.value]));
}

/** When the alert began, as far as it is known; what no one reported is 0. */
function startsOf({ members, openedAtMs }: Episode): readonly number[] {
  return [openedAtMs, ...Object.values(members).filter((ms) => ms > 0)];
}
