import type { z } from 'zod';
import type { countedEscalationSchema } from '../api/escalation-schema.js';
import type { runSchema } from '../api/run-schema.js';
import type { alertSchema } from '../api/schema.js';
import { adminTokenFor } from './admin-token.js';
import { createEngineClient, defaultEngineUrl } from './engine-client.js';
import { type Output, write, writeJson } from './output.js';
import { describeLabels, describeLength } from './shown.js';
import { renderTable } from './table.js';
import { UsageError } from './usage-error.js';

type Alert = z.output<typeof alertSchema>;
type Run = z.output<typeof runSchema>;
type Escalation = z.output<typeof countedEscalationSchema>;

/** The options of `jidoka alerts`, `jidoka runs` and `jidoka escalations`. */
export interface RecordsOptions {
  readonly open?: boolean | undefined;
  readonly limit: string;
  readonly before?: string | undefined;
  readonly url?: string | undefined;
  readonly output: Output;
}

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

const callTimeoutMs = 10_000;
/** What the API gives in one page. */
const maxLimit = 500;

/** `jidoka alerts`: lists alerts, newest first. Returns the exit code. */
export function alerts(options: RecordsOptions, env: NodeJS.ProcessEnv): Promise<number> {
  return list<Alert>(
    'alerts',
    options,
    env,
    ['ID', 'OPENED', 'STATUS', 'ALERT'],
    (alert, nowMs) => [
      alert.id,
      age(alert.openedAtMs, nowMs),
      alertStatus(alert),
      describeLabels(alert.labels),
    ],
  );
}

/** `jidoka runs`: lists runs, newest first. Returns the exit code. */
export function runs(options: RecordsOptions, env: NodeJS.ProcessEnv): Promise<number> {
  const head = ['ID', 'STARTED', 'STATUS', 'PLAYBOOK', 'CHANGE'];
  return list<Run>('runs', options, env, head, (run, nowMs) => [
    run.id,
    age(run.createdAtMs, nowMs),
    run.outcome === null ? runStates[run.state] : outcomes[run.outcome.kind],
    run.origin.kind === 'playbook' ? run.origin.playbook : `chosen by ${run.origin.by}`,
    changeOf(run),
  ]);
}

/** `jidoka escalations`: lists escalations, newest first. Returns the exit code. */
export function escalations(options: RecordsOptions, env: NodeJS.ProcessEnv): Promise<number> {
  const head = ['ID', 'OPENED', 'STATUS', 'CHOICES', 'ESCALATION'];
  return list<Escalation>('escalations', options, env, head, (escalation, nowMs) => [
    escalation.id,
    age(escalation.createdAtMs, nowMs),
    escalationStates[escalation.state],
    escalation.state === 'open' ? (escalation.choices ?? []).map(({ id }) => id).join(',') : '-',
    escalation.title,
  ]);
}

async function list<T>(
  path: string,
  { open, limit, before, url, output }: RecordsOptions,
  env: NodeJS.ProcessEnv,
  head: readonly string[],
  row: (item: T, nowMs: number) => readonly string[],
): Promise<number> {
  if (!/^\d+$/.test(limit) || Number(limit) < 1 || Number(limit) > maxLimit) {
    throw new UsageError(`--limit: expected 1 to ${maxLimit}, got ${limit}`);
  }
  const engine = createEngineClient({
    url: url ?? defaultEngineUrl(env),
    adminToken: adminTokenFor(url, env),
    timeoutMs: callTimeoutMs,
  });
  const query = new URLSearchParams({
    limit,
    ...(open && { state: 'open' }),
    ...(before !== undefined && { before }),
  });
  const page = await engine.read<Page<T>>(`${path}?${query}`);
  if (output === 'json') {
    await writeJson(page);
    return 0;
  }
  const nowMs = Date.now();
  const rows = page.items.map((item) => row(item, nowMs));
  const table = rows.length === 0 ? `No ${open ? 'open ' : ''}${path}.\n` : renderTable(head, rows);
  const more = page.next === null ? '' : `\nMore: --before ${page.next}\n`;
  await write(table + more);
  return 0;
}

function age(atMs: number, nowMs: number): string {
  return `${describeLength(nowMs - atMs)} ago`;
}

const dispositions: Readonly<Record<Alert['verdicts'][number]['fate'], string>> = {
  run: 'Remediating',
  held: 'Deferred',
  escalated: 'Escalated',
  ignored: 'Ignored',
  shadow: 'Shadow',
};

/** A playbook in shadow decides the status only where nothing else does. */
function alertStatus({ state, verdicts }: Alert): string {
  if (state === 'closed') return 'Resolved';
  const decision = verdicts.findLast(({ fate }) => fate !== 'shadow') ?? verdicts.at(-1);
  return decision === undefined ? 'Pending' : dispositions[decision.fate];
}

const runStates: Readonly<Record<Run['state'], string>> = {
  awaiting_approval: 'Approval required',
  admitting: 'Waiting',
  planning: 'Planning',
  applying: 'Applying',
  converging: 'Converging',
  continuing: 'Applying',
  settling: 'Verifying',
  ended: 'Ended',
};

const outcomes: Readonly<Record<NonNullable<Run['outcome']>['kind'], string>> = {
  done: 'Done',
  failed: 'Failed',
  unknown: 'Unknown',
  withdrawn: 'Withdrawn',
};

/** The last change of a run, or the action and target of its first step. */
function changeOf({ attempts, steps }: Run): string {
  const last = attempts.at(-1);
  if (last !== undefined) return last.text;
  const [first] = steps;
  return first === undefined ? '-' : `${first.action} ${first.target.name}`;
}

const escalationStates: Readonly<Record<Escalation['state'], string>> = {
  open: 'Open',
  answered: 'Answered',
  withdrawn: 'Withdrawn',
  expired: 'Expired',
};
