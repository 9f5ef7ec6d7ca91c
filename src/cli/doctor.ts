import { type Config, readConfig } from '../app/config.js';
import { withDeadline } from '../integrations/contract/transport.js';
import { integrations } from '../integrations/registry.js';
import { InputError, messageOf } from '../lib/errors.js';
import { type Finding, type Section, wrong } from '../lib/finding.js';
import { examineAlertmanagers } from './doctor/alertmanager.js';
import { examineAudit } from './doctor/audit.js';
import { examineEngine } from './doctor/engine.js';
import { examinePlaybooks, loadForDoctor } from './doctor/playbooks.js';
import { examinePrometheuses } from './doctor/prometheus.js';
import { examineRedis } from './doctor/redis.js';
import { countOf, renderReport } from './doctor/report.js';
import { examineSlack } from './doctor/slack.js';
import { addUnseen } from './doctor/unseen.js';
import { type Output, write, writeJson } from './output.js';

/** What each call gets; a section makes a few, one after the other. */
const callTimeoutMs = 4_000;
const sectionTimeoutMs = 9_000;

/** `jidoka doctor`: looks at everything that the engine is connected to. Gives back the exit code. */
export async function doctor(
  { output }: { readonly output: Output },
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const sections = await examine(env);
  const healthy = countOf(sections, 'wrong') === 0;
  if (output === 'json') await writeJson({ ok: healthy, environment: 'shell', sections });
  else await write(renderReport(sections));
  return healthy ? 0 : 1;
}

/** Everything is looked at at once; the order of the sections is fixed. */
async function examine(env: NodeJS.ProcessEnv): Promise<readonly Section[]> {
  let config: Config;
  try {
    config = readConfig(env);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [{ name: 'Settings', findings: error.message.split('\n').map(badSetting) }];
  }
  const { slack, listen, port } = config;
  const timeoutMs = callTimeoutMs;
  const loaded = await loadForDoctor(config.playbooks, config.policy);
  const { bounds, alertmanager, http } = loaded.policy;
  const context = { env, bounds, hosts: http.hosts, timeoutMs };
  const sections = await Promise.all([
    section('Redis', () => examineRedis({ ...config, timeoutMs })),
    ...integrations.map((one) =>
      section(one.title, () => one.doctor(config.integrations[one.name], context)),
    ),
    section('Slack', () =>
      examineSlack({ ...slack, approvers: loaded.policy.approvers, timeoutMs }),
    ),
    section('Alertmanager', () =>
      examineAlertmanagers({
        urls: config.alertmanagerUrls,
        expected: {
          receiver: config.alertmanagerReceiver,
          sendResolved: alertmanager.sendResolved,
          token: config.webhookToken !== undefined,
        },
        timeoutMs,
      }),
    ),
    section('Prometheus', () =>
      examinePrometheuses({
        urls: config.prometheusUrls,
        token: config.prometheusToken,
        timeoutMs,
      }),
    ),
    section('Playbooks', async () => examinePlaybooks(config.playbooks, loaded)),
    section('Audit', async () => examineAudit(config)),
    section('Engine', () => examineEngine({ listen, port, timeoutMs })),
  ]);
  const found = sections.filter(({ findings }) => findings.length > 0);
  return addUnseen(found, { env, listen, port, timeoutMs });
}

async function section(name: string, look: () => Promise<readonly Finding[]>): Promise<Section> {
  try {
    return { name, findings: await withDeadline(sectionTimeoutMs, look) };
  } catch (error) {
    const text = `it could not be looked at: ${messageOf(error)}`;
    return { name, findings: [wrong(text, 'what is wrong is not known', 'try again')] };
  }
}

function badSetting(fault: string): Finding {
  return wrong(
    fault,
    'the engine does not start',
    'correct the variable; the README lists them all',
  );
}
