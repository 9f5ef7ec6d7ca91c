import { maxGiven, readGivenAlerts } from '../alertmanager/given-alerts.js';
import type { ShownExplanation } from '../api/explain-schema.js';
import type { DescribedServiceView } from '../api/services-schema.js';
import { loadShortcuts } from '../monitoring/shortcuts.js';
import { adminTokenFor } from './admin-token.js';
import { createEngineClient, defaultEngineUrl } from './engine-client.js';
import { answerOf } from './explain/answer.js';
import { explainFolder } from './explain/offline.js';
import { type Output, write, writeJson } from './output.js';
import { readStackFile } from './services/stack-file.js';
import { UsageError } from './usage-error.js';

const callTimeoutMs = 60_000;

/** The options of `jidoka services`. */
export interface ServicesOptions {
  readonly check?: boolean | undefined;
  readonly stackFile?: string | undefined;
  readonly playbooks?: string | undefined;
  readonly url?: string | undefined;
  readonly output: Output;
}

type Alert = DescribedServiceView['alerts'][number];

/** An alert of a service, and what Jidoka would do about it. */
interface CheckedAlert extends Alert {
  /** The playbook that takes it; `null`: none does, `undefined`: no playbooks were asked. */
  readonly playbook?: string | null;
  readonly answer?: string;
}

/** `jidoka services`: what services say about their monitoring. Returns the exit code. */
export async function services(options: ServicesOptions, env: NodeJS.ProcessEnv): Promise<number> {
  const { check = false, stackFile, playbooks, url, output } = options;
  if (playbooks !== undefined && stackFile === undefined) {
    throw new UsageError('--playbooks: expected --stack-file; an engine has its own playbooks');
  }
  const engine = createEngineClient({
    url: url ?? defaultEngineUrl(env),
    adminToken: stackFile === undefined ? adminTokenFor(url, env) : undefined,
    timeoutMs: callTimeoutMs,
  });
  const found =
    stackFile === undefined
      ? (await engine.read<{ items: readonly DescribedServiceView[] }>('services')).items
      : await readStackFile(stackFile, loadShortcuts(env.JIDOKA_SHORTCUTS || undefined));
  const described = found.filter(
    ({ targets, alerts, faults }) => targets.length + alerts.length + faults.length > 0,
  );
  const given = described.flatMap(({ alerts }) =>
    alerts.map(({ name, labels, annotations }) => ({
      labels: { ...labels, alertname: name },
      annotations,
      status: 'firing' as const,
    })),
  );
  const explained = await explain();
  let next = 0;
  const items = described.map((service) => ({
    ...service,
    alerts: service.alerts.map((alert): CheckedAlert => {
      const explanation = explained?.[next];
      next += 1;
      if (explanation === undefined) return alert;
      const taken = explanation.forecasts.find((one) => one.playbook !== null && !one.shadow);
      return { ...alert, playbook: taken?.playbook ?? null, answer: answerOf(explanation) };
    }),
  }));
  if (output === 'json') await writeJson({ items });
  else await write(render(items));
  const isWrong = items.some(
    ({ alerts, faults }) =>
      faults.length > 0 ||
      alerts.some(({ refused, playbook }) => refused !== null || playbook === null),
  );
  return check && isWrong ? 1 : 0;

  /** What would be done about each alert; `undefined`: there are no playbooks to ask. */
  async function explain(): Promise<readonly ShownExplanation[] | undefined> {
    const all: ShownExplanation[] = [];
    for (let from = 0; from < given.length; from += maxGiven) {
      const body = { alerts: given.slice(from, from + maxGiven) };
      if (stackFile === undefined) {
        const answer = await engine.post<{ items: readonly ShownExplanation[] }>(
          '/api/v1/explain?all=false',
          body,
          adminTokenFor(url, env),
        );
        all.push(...answer.items);
      } else if (playbooks === undefined) {
        return undefined;
      } else {
        const alerts = readGivenAlerts(body, Date.now());
        all.push(
          ...(await explainFolder(env, playbooks, { alerts, playbook: undefined, all: false })),
        );
      }
    }
    return all;
  }
}

function render(
  items: readonly (Omit<DescribedServiceView, 'alerts'> & {
    readonly alerts: readonly CheckedAlert[];
  })[],
): string {
  if (items.length === 0) return 'No service describes its monitoring.\n';
  return items
    .map(({ name, targets, alerts, faults }) => {
      const lines = [
        name,
        `  targets: ${targets.length === 0 ? 'none' : targets.join(', ')}`,
        ...alerts.flatMap((alert) => [
          `  alert ${alert.name}: ${alert.expression.replaceAll(/\s+/g, ' ')}`,
          ...(alert.refused === null ? [] : [`    refused by Prometheus: ${alert.refused}`]),
          ...(alert.answer === undefined ? [] : [`    ${alert.answer}`]),
        ]),
        ...faults.map(({ about, detail }) => `  error in ${about}: ${detail}`),
      ];
      return `${lines.join('\n')}\n`;
    })
    .join('\n');
}
