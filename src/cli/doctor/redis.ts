import type { Redis } from 'ioredis';
import type { Config } from '../../app/config.js';
import { clockSkewMs, skewInWords } from '../../ledger/clock-skew.js';
import { maxSkewMs } from '../../ledger/fence.js';
import { createKeys } from '../../ledger/keys.js';
import { explainUnknown, isUnknownCommand } from '../../ledger/redis-refusal.js';
import { readInfo } from '../../ledger/redis-settings.js';
import { systemClock } from '../../lib/clock.js';
import { messageOf } from '../../lib/errors.js';
import { type Finding, note, ok, warning, wrong } from '../../lib/finding.js';
import { localRedisSocket } from '../../local/redis.js';
import { connectToLook, placeOf } from '../../queue/connection.js';
import { probeRedis } from '../../queue/probe.js';
import { queueNames, queuePrefix } from '../../queue/queues.js';
import { redisDir } from '../visit.js';
import { examineCluster, examineClusterAddress } from './redis-cluster.js';
import { examineRedisSettings } from './redis-settings.js';

const oldestMajor = 7;
const tolerableClockMs = 1_000;
/** Beyond this, what waits in a queue waits for more than its turn. */
const longWaitMs = 60_000;

/** Looks at the Redis that the engine uses: whether it can be written to, and how well it keeps what it has. */
export async function examineRedis(options: {
  readonly redisUrl: string | undefined;
  readonly cell: string;
  /** What the engine does that is started with this environment. */
  readonly role: Config['role'];
  readonly timeoutMs: number;
}): Promise<readonly Finding[]> {
  const { redisUrl, cell, role, timeoutMs } = options;
  const redis = connectToLook(redisUrl ?? (await localRedisSocket(redisDir)), cell, timeoutMs);
  let fault: unknown;
  redis.on('error', (error) => {
    fault = error;
  });
  try {
    await redis.connect();
    const info = await readInfo(redis);
    const inCluster = info.get('cluster_enabled') === '1';
    const address = inCluster ? examineClusterAddress(redisUrl ?? '') : null;
    const where = redisUrl === undefined ? `the engine's own, in ${redisDir}` : placeOf(redisUrl);
    const server = examineServer(info, where, info.size > 0 || (await knowsInfo(redis)));
    if (address !== null) return [...server, address];
    return [
      ...server,
      ...(inCluster ? await examineCluster(redis, cell) : []),
      ...(await examineRedisSettings(redis)),
      ...(await examineClock(redis)),
      ...(await examineUse(redis, { cell, reads: role !== 'receiver' }, info)),
    ];
  } catch (error) {
    if (redisUrl === undefined && isAbsent(fault)) {
      return [
        note('REDIS_URL is not set: the engine starts a Redis of its own, and none runs here'),
      ];
    }
    return [
      wrong(
        messageOf(fault ?? error),
        'without Redis no alert can be taken in; Alertmanager gets 503 and sends again',
        redisUrl === undefined
          ? `stop the engine that was started here, or whatever else uses ${redisDir}, and start it again`
          : 'check that Redis runs and that REDIS_URL has its address, user and password (# is written %23, % is written %25)',
      ),
    ];
  } finally {
    redis.disconnect();
  }
}

/** Whether INFO is a command there, be it that this user may not run it. */
async function knowsInfo(redis: Redis): Promise<boolean> {
  return redis.info('server').then(
    () => true,
    (error: unknown) => !isUnknownCommand(messageOf(error)),
  );
}

function examineServer(
  info: ReadonlyMap<string, string>,
  where: string,
  known: boolean,
): Finding[] {
  const version = info.get('redis_version');
  const role = info.get('role');
  const findings: Finding[] = [];
  if (!known) {
    const { text, advice } = explainUnknown(['info']);
    findings.push(
      wrong(text, 'the engine cannot tell when Redis is ready, and does not start', advice),
    );
  } else if (version === undefined) {
    findings.push(note(`its version could not be seen (this Redis does not show it), ${where}`));
  } else if (Number.parseInt(version, 10) >= oldestMajor) {
    findings.push(ok(`version ${version}, ${role ?? 'role unknown'}, ${where}`));
  } else {
    findings.push(
      wrong(
        `version ${version}, ${where}`,
        'the engine is written for Redis 7 or newer, and tested with nothing older',
        'upgrade Redis to 7 or newer',
      ),
    );
  }
  if (role === 'slave') {
    findings.push(
      wrong(
        `it is a replica of ${info.get('master_host')}:${info.get('master_port')}`,
        'a replica refuses writes, so that no alert can be taken in',
        'set REDIS_URL to the master',
      ),
    );
  }
  if (info.get('loading') === '1') {
    findings.push(
      wrong(
        'it is still loading its data',
        'until it has, it answers nothing and alerts get 503',
        'wait; INFO persistence shows loading_eta_seconds',
      ),
    );
  }
  return findings;
}

/** Whether it does all that the work needs, and if so, what is in it. */
async function examineUse(
  redis: Redis,
  needs: { readonly cell: string; readonly reads: boolean },
  info: ReadonlyMap<string, string>,
): Promise<readonly Finding[]> {
  const { cell } = needs;
  // it has been said that a replica refuses writes
  if (info.get('role') === 'slave') return [await examineLedger(redis, cell)];
  const found = await probeRedis(redis, needs);
  if (found !== null) {
    const why =
      found.need === 'write'
        ? 'no alert can be taken in, and the engine does not start'
        : 'alerts are taken in and not worked off: workers are not told of jobs, and the engine does not start';
    return [wrong(found.text, why, found.advice)];
  }
  return [
    ok('it does all that the work needs'),
    ...(await examineQueues(redis, cell)),
    await examineLedger(redis, cell),
  ];
}

/** Whether something of the queues has waited for long: an engine that runs says whether it is worked off. */
async function examineQueues(redis: Redis, cell: string): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const queue of queueNames) {
    const list = `${queuePrefix(cell)}:${queue}`;
    const [paused, jobs, [oldest]] = await Promise.all([
      redis.hget(`${list}:meta`, 'paused'),
      redis.llen(`${list}:wait`),
      redis.lrange(`${list}:wait`, -1, -1),
    ]);
    if (paused !== null) {
      findings.push(
        wrong(
          `the queue ${queue} is paused, with a tool for BullMQ`,
          'nothing of it is worked off until it is resumed',
          'resume it with that tool',
        ),
      );
    }
    if (oldest === undefined) continue;
    const [putAtMs, delayMs] = await redis.hmget(`${list}:${oldest}`, 'timestamp', 'delay');
    const forMs = Date.now() - Number(putAtMs ?? Number.NaN) - Number(delayMs ?? 0);
    if (!(forMs >= longWaitMs)) continue;
    findings.push(
      warning(
        `${jobs} ${jobs === 1 ? 'job waits' : 'jobs wait'} in the queue ${queue}, the oldest for ${Math.round(forMs / 1_000)} s`,
        'alerts are acted on that much too late, or not at all where no worker runs',
        'start an engine that acts (JIDOKA_ROLE=worker or all); where one runs, see JidokaQueueOld in docs/how-to/operations.md',
      ),
    );
  }
  return findings;
}

async function examineClock(redis: Redis): Promise<Finding[]> {
  const skewMs = await clockSkewMs(redis, systemClock);
  // whether Redis answers at all is seen elsewhere
  if (skewMs === null || Math.abs(skewMs) <= tolerableClockMs) return [];
  const what = `this machine's clock is ${skewInWords(skewMs)}`;
  const advice = 'run NTP (chrony, systemd-timesyncd) on both machines';
  if (Math.abs(skewMs) > maxSkewMs) {
    const why = `beyond ${maxSkewMs / 1_000} s an engine does not start, and one that runs acts on nothing`;
    return [wrong(what, why, advice)];
  }
  const why = 'engines on several machines then disagree about when a cooldown or a limit ends';
  return [warning(what, why, advice)];
}

async function examineLedger(redis: Redis, cell: string): Promise<Finding> {
  const keys = createKeys(cell);
  const [alerts, runs, questions, known] = await Promise.all([
    redis.zcard(keys.openEpisodes),
    redis.zcard(keys.activeRuns),
    redis.zcard(keys.openEscalations),
    redis.exists(keys.audit),
  ]);
  if (known === 0) return note(`cell "${cell}" has no ledger yet: it has taken in no alert so far`);
  return ok(
    `cell "${cell}": ${alerts} open alerts, ${runs} runs in progress, ${questions} questions to people`,
  );
}

function isAbsent(fault: unknown): boolean {
  const code = fault instanceof Error && 'code' in fault ? fault.code : undefined;
  return code === 'ENOENT' || code === 'ECONNREFUSED';
}
