import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { identityIn } from '../../src/alertmanager/identity.js';
import type { AuditRecord } from '../../src/ledger/audit.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { createSwarmSim } from '../../src/sim/swarm.js';
import { postAlerts, webhookAlert, webhookBody } from '../support/alerts.js';
import { eventually } from '../support/eventually.js';
import { startJidoka } from '../support/jidoka.js';
import { makeDir } from '../support/parts/place.js';
import { startRedis } from '../support/parts/redis.js';
import { startMortal } from './mortal.js';
import { createRandom } from './random.js';

/** A run that was cancelled, and what its service saw of it. */
interface Cancelled {
  readonly id: string;
  /** How many changes the service had taken when the cancel was answered, and in the end. */
  readonly before: number;
  readonly after: number;
}

/** What came of it. */
export interface CancelResult {
  readonly kills: number;
  readonly cancelled: readonly Cancelled[];
  /** How many of them were cancelled while a change was being sent. */
  readonly whileSent: number;
  /** How many changes those runs made that no one cancelled. */
  readonly uncancelled: readonly number[];
  /** Cancelled runs of which the audit trail has an intention after the cancel. */
  readonly intendedAfter: readonly string[];
  /** Cancelled runs whose service took a change after it, other than the one that was being sent. */
  readonly sentAfter: readonly Cancelled[];
  /** How many more updates were sent than intentions recorded. */
  readonly sentWithoutIntention: number;
  /** Locks that are left. */
  readonly locks: readonly string[];
}

const cell = 'jidoka';
const lanes = 16;
const workers = 3;
/** One in so many is left alone, so that it is seen that a run makes further changes. */
const spared = 5;
/** A lease (45 s), and what the rest takes. */
const endsWithinMs = 120_000;

const files = {
  'add.yaml': `
name: add
summary: Adds a replica again and again.
match: alertname = "Slow"
mode: auto
steps:
  - swarm.scale: { service: "\${{ labels.service }}", by: 1, max: 100000 }
    settle: 300ms
    repeat: 4
guards: { cooldown: 0 }
`,
  'policy.yaml': `
limits: { fleet: [1000000 per 1h], playbook: [1000000 per 1h], target: [1000000 per 1h] }
blast_radius: { targets: 1000000 per 1h }
breaker: { failures: 1000000 }
restore: { observe: 0 }
`,
};

/**
 * Cancels runs at random moments while workers are killed (SIGKILL) at random moments, until so many were.
 * One engine is never killed, so that every run comes to its end.
 */
export async function cancelAndKill(kills: number, seed: number): Promise<CancelResult> {
  const random = createRandom(seed);
  const playbooks = join(await makeDir('cancelled'), 'playbooks');
  await mkdir(playbooks);
  for (const [name, text] of Object.entries(files)) await writeFile(join(playbooks, name), text);
  const swarm = createSwarmSim({ convergeMs: 150 });
  await swarm.start();
  const server = await startRedis();
  const client = new Redis(server.url);
  const ledger = createLedger({ redis: client, cell });
  const env = {
    REDIS_URL: server.url,
    JIDOKA_CELL: cell,
    DOCKER_HOST: swarm.dockerHost(),
    JIDOKA_PLAYBOOKS: playbooks,
  };
  const steady = await startJidoka({ ...env, LOG_LEVEL: 'silent' });
  const mortals = await Promise.all(
    Array.from({ length: workers }, async () =>
      startMortal({
        dir: await makeDir('engine'),
        env: { ...env, PORT: '0', JIDOKA_ROLE: 'worker' },
        random: random.fork(),
        absenceMs: 100,
      }),
    ),
  );
  const killed = () => mortals.reduce((sum, mortal) => sum + mortal.kills(), 0);
  const cancelled: Cancelled[] = [];
  const uncancelled: number[] = [];

  try {
    const services = Array.from({ length: lanes }, (_, index) => `cancelled-${index}`);
    const ids = services.map((name) => swarm.addService({ name, replicas: 1 }));
    await Promise.all(services.map((name) => lane(name, random.fork())));
    const audit = await client.xrange(ledger.keys.audit, '-', '+');
    const records = audit.map(([, fields]) => JSON.parse(fields[1] ?? '') as AuditRecord);
    const posts = swarm.requests.filter((request) =>
      ids.some((id) => request.includes(`${id}/update`)),
    );
    const intentions = records.filter(({ event }) => event === 'applying');
    return {
      kills: killed(),
      cancelled,
      whileSent: cancelled.filter(({ id }) => courseOf(records, id).wasSending).length,
      uncancelled,
      intendedAfter: cancelled.flatMap(({ id }) => (courseOf(records, id).intends ? id : [])),
      sentAfter: cancelled.filter(
        ({ id, before, after }) => after > before + (courseOf(records, id).wasSending ? 1 : 0),
      ),
      sentWithoutIntention: Math.max(0, posts.length - intentions.length),
      locks: await client.keys(ledger.keys.lock('*')),
    };
  } finally {
    await Promise.all([steady, ...mortals].map((engine) => engine.stop()));
    client.disconnect();
    await server.stop();
    await swarm.stop();
  }

  /** One alert after another about one service, each with a run, until enough engines were killed. */
  async function lane(service: string, own: ReturnType<typeof createRandom>): Promise<void> {
    const effects = () => swarm.updates.filter((update) => update.service === service).length;
    for (let round = 0; killed() < kills; round += 1) {
      const labels = { alertname: 'Slow', service, round: String(round) };
      const first = effects();
      await notify(labels, 'firing');
      const id = await runOf(labels);
      if (own.between(1, spared) > 1) {
        await sleep(own.between(0, 1_500));
        const isInTime = await cancel(id);
        const before = effects();
        await ended(id);
        if (isInTime) cancelled.push({ id, before, after: effects() });
      } else {
        await ended(id);
        uncancelled.push(effects() - first);
      }
      await notify(labels, 'resolved');
    }
    for (const mortal of mortals) mortal.spare();
  }

  async function notify(labels: Record<string, string>, status: 'firing' | 'resolved') {
    const answer = await postAlerts(steady.url, webhookBody([webhookAlert(labels, { status })]));
    if (!answer.ok) throw new Error(`the steady engine answered ${answer.status}`);
  }

  async function runOf(labels: Record<string, string>): Promise<string> {
    const identity = identityIn('alertmanager', labels, new Set());
    const look = async () => {
      const [episode] = await ledger.episodes([identity]);
      return episode?.value.verdicts.find(({ runId }) => runId !== undefined)?.runId;
    };
    const id = await eventually(
      'the alert has a run',
      look,
      (found) => found !== undefined,
      endsWithinMs,
    );
    return id ?? '';
  }

  /** Whether the run had not ended yet. */
  async function cancel(id: string): Promise<boolean> {
    const answer = await fetch(`${steady.url}/api/v1/runs/${id}/cancel`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ by: 'ada' }),
    });
    await answer.body?.cancel();
    if (!answer.ok && answer.status !== 409) throw new Error(`cancel answered ${answer.status}`);
    return answer.ok;
  }

  async function ended(id: string): Promise<void> {
    const look = async () => (await ledger.run(id))?.value.state;
    await eventually(`run ${id} has ended`, look, (state) => state === 'ended', endsWithinMs);
  }
}

/** Whether a change was being sent when the run was cancelled, and whether it intended another after that. */
function courseOf(records: readonly AuditRecord[], id: string) {
  const events = records.filter((one) => one.subject === 'run' && one.id === id);
  const at = events.findIndex(({ event }) => event === 'cancelled');
  const before = events.slice(0, at).map(({ event }) => event);
  return {
    wasSending: before.lastIndexOf('applying') > before.lastIndexOf('applied'),
    intends: events.slice(at).some(({ event }) => event === 'applying'),
  };
}
