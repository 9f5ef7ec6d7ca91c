import { describeThreshold, figuresOf, formatValue, sparkline } from '../evidence/figures.js';
import { describePrecedent, describeTasks } from '../evidence/words.js';
import { type Evidence, isThere, type MetricEvidence } from '../ledger/evidence.js';
import { messageOf } from '../lib/errors.js';
import { visible } from '../lib/visible.js';
import { adminTokenFor } from './admin-token.js';
import { createEngineClient, defaultEngineUrl } from './engine-client.js';
import { type Output, write, writeJson } from './output.js';
import { describeLabels, describeLength } from './shown.js';

/** What the API answers. */
interface Answer {
  readonly evidence: Evidence | null;
}

/** The options of `jidoka evidence`. */
export interface EvidenceOptions {
  readonly url?: string | undefined;
  readonly output: Output;
}

const callTimeoutMs = 10_000;

/** `jidoka evidence`: shows what was found about an escalation or a run. Returns the exit code. */
export async function evidence(
  id: string,
  { url, output }: EvidenceOptions,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const engine = createEngineClient({
    url: url ?? defaultEngineUrl(env),
    adminToken: adminTokenFor(url, env),
    timeoutMs: callTimeoutMs,
  });
  const read = (name: string) => engine.read<Answer>(`${name}/${encodeURIComponent(id)}/evidence`);
  const answer = await read('escalations').catch((error: unknown) => {
    if (!messageOf(error).includes('no escalation has the ID')) throw error;
    return read('runs');
  });
  if (output === 'json') {
    await writeJson(answer);
    return 0;
  }
  const nowMs = Date.now();
  const text =
    answer.evidence === null
      ? 'Jidoka gathers it now. Ask again in a few seconds.\n'
      : renderEvidence(answer.evidence, nowMs);
  await write(visible(text, '\n'));
  return 0;
}

/** The evidence in lines, a heading for each part. */
function renderEvidence(found: Evidence, nowMs: number): string {
  const { headline, metric, changes, tasks, group, lastTime, related } = found;
  const ago = (atMs: number) => `${describeLength(nowMs - atMs)} ago`;
  const parts: readonly (readonly [title: string, lines: readonly string[]])[] = [
    ['Metric', isThere(metric) ? metricLines(metric) : [metric.missing]],
    [
      'Changes',
      isThere(changes)
        ? [
            ...changes.items.map(({ atMs, text }) => `${ago(atMs)}: ${text}`),
            ...(changes.items.length === 0 ? ['none'] : []),
            ...(changes.note === undefined ? [] : [changes.note]),
          ]
        : [changes.missing],
    ],
    [
      'Tasks',
      isThere(tasks)
        ? tasks.services.flatMap((one) => [
            `${one.name}: ${describeTasks(one)}`,
            ...(one.logs ?? []).map((line) => `  ${line}`),
          ])
        : [tasks.missing],
    ],
    [
      'Group',
      isThere(group)
        ? group.groups.flatMap(({ name, activities }) =>
            activities.map(
              ({ atMs, status, description, message }) =>
                `${name}, ${ago(atMs)}: ${status}: ${description}${message && ` (${message})`}`,
            ),
          )
        : [group.missing],
    ],
    [
      'Last time',
      isThere(lastTime)
        ? lastTime.precedents.map((one) => `${ago(one.atMs)}: ${describePrecedent(one)}`)
        : [lastTime.missing],
    ],
    [
      'Related alerts',
      isThere(related)
        ? [
            ...related.alerts.map(({ labels }) => describeLabels(labels)),
            ...(related.total > related.alerts.length
              ? [`and ${related.total - related.alerts.length} more`]
              : []),
            ...(related.total === 0 ? ['none'] : []),
          ]
        : [related.missing],
    ],
  ];
  const sections = parts.map(([title, lines]) =>
    [`${title}:`, ...lines.map((line) => `  ${line}`)].join('\n'),
  );
  return `${[...(headline === null ? [] : [headline]), ...sections].join('\n\n')}\n`;
}

function metricLines(metric: MetricEvidence): readonly string[] {
  const threshold = describeThreshold(metric);
  const lines = metric.series.flatMap(({ labels, values }) => {
    const figures = figuresOf(values);
    if (figures === null) return [];
    const told = Object.entries(figures).map(([word, value]) => `${word} ${formatValue(value)}`);
    const { __name__: _, ...others } = labels;
    const name = metric.series.length === 1 ? '' : `${describeLabels(others)} `;
    return [`${name}${sparkline(values)} ${told.join(', ')}`];
  });
  const limit = threshold === '' ? '' : `, alert if ${threshold}`;
  return [`${metric.expression}${limit}`, ...lines, ...metric.notes];
}
