import { type Config, readConfig } from '../config.js';
import { InputError, messageOf } from '../errors.js';
import { withDeadline } from '../target/transport.js';
import { runCommand, UsageError } from './command.js';
import { examineAlertmanagers } from './doctor/alertmanager.js';
import { examineAws } from './doctor/aws.js';
import { examineEngine } from './doctor/engine.js';
import { type Finding, type Section, wrong } from './doctor/finding.js';
import { examineCredentials, examinePlaybooks, loadForDoctor } from './doctor/playbooks.js';
import { examineRedis } from './doctor/redis.js';
import { countOf, renderReport } from './doctor/report.js';
import { examineSlack } from './doctor/slack.js';
import { examineSwarm } from './doctor/swarm.js';

const usage = `usage: jidoka doctor [--format text|json]

Tries every connection and permission with a harmless call, and says what is wrong, why it matters and
how to mend it. It reads the same environment as jidoka serve, and changes nothing anywhere.

  --format json   the findings for programs

Exit code 0: nothing is wrong (there may be warnings); 1: something is; 2: a wrong call.
`;

/** What each call gets; a section makes a few, one after the other. */
const callTimeoutMs = 4_000;
const sectionTimeoutMs = 9_000;

/** `jidoka doctor`: looks at everything that the engine is connected to. Gives back the exit code. */
export async function doctor(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return runCommand({
    args,
    usage,
    options: { format: { type: 'string', default: 'text' } },
    async run({ format }) {
      if (format !== 'text' && format !== 'json') {
        throw new UsageError(`--format: expected text or json, got "${format}"`);
      }
      const sections = await examine(env);
      const healthy = countOf(sections, 'wrong') === 0;
      process.stdout.write(
        format === 'json'
          ? `${JSON.stringify({ ok: healthy, sections }, null, 2)}\n`
          : renderReport(sections),
      );
      return healthy ? 0 : 1;
    },
  });
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
  const { bounds, alertmanager } = loaded.policy;
  return Promise.all([
    section('Redis', () => examineRedis({ ...config, timeoutMs })),
    section('Swarm', () => examineSwarm({ dockerHost: config.dockerHost, bounds, timeoutMs, env })),
    section('AWS', () =>
      examineAws({
        region: config.awsRegion,
        endpoint: config.awsEndpointUrl,
        workerAsg: config.workerAsg,
        timeoutMs,
      }),
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
    section('Playbooks', async () => [
      ...examinePlaybooks(config.playbooks, loaded),
      ...examineCredentials(loaded.policy, config.httpCredentials),
    ]),
    section('Engine', () => examineEngine({ listen, port, timeoutMs })),
  ]);
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
