import type { Redis } from 'ioredis';
import { messageOf } from '../../errors.js';
import { createKeys } from '../../ledger/keys.js';
import { localRedisSocket } from '../../local/redis.js';
import { connectToLook, placeOf } from '../../queue/connection.js';
import { redisDir } from '../visit.js';
import { type Finding, note, ok, warning, wrong } from './finding.js';
import { examineCluster, examineClusterAddress } from './redis-cluster.js';
import { examineRedisSettings } from './redis-settings.js';

const oldestMajor = 7;
const tolerableClockMs = 1_000;

/** Looks at the Redis that the engine uses: whether it can be written to, and how well it keeps what it has. */
export async function examineRedis(options: {
  readonly redisUrl: string | undefined;
  readonly cell: string;
  readonly timeoutMs: number;
}): Promise<readonly Finding[]> {
  const { redisUrl, cell, timeoutMs } = options;
  const redis = connectToLook(redisUrl ?? (await localRedisSocket(redisDir)), cell, timeoutMs);
  let fault: unknown;
  redis.on('error', (error) => {
    fault = error;
  });
  try {
    await redis.connect();
    const info = readInfo(await redis.info());
    const inCluster = info.get('cluster_enabled') === '1';
    const address = inCluster ? examineClusterAddress(redisUrl ?? '') : null;
    const where = redisUrl === undefined ? `the engine's own, in ${redisDir}` : placeOf(redisUrl);
    if (address !== null) return [...examineServer(info, where), address];
    return [
      ...examineServer(info, where),
      ...(inCluster ? await examineCluster(redis, cell) : []),
      ...(await examineRedisSettings(redis)),
      ...(await examineClock(redis)),
      await examineLedger(redis, cell),
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
          : 'check that Redis runs and that REDIS_URL has its address, user and password',
      ),
    ];
  } finally {
    redis.disconnect();
  }
}

function examineServer(info: ReadonlyMap<string, string>, where: string): Finding[] {
  const version = info.get('redis_version') ?? 'unknown';
  const role = info.get('role');
  const findings: Finding[] = [];
  if (Number.parseInt(version, 10) >= oldestMajor) {
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

async function examineClock(redis: Redis): Promise<Finding[]> {
  const before = Date.now();
  const [seconds = 0, micros = 0] = (await redis.time()).map(Number);
  const here = (before + Date.now()) / 2;
  const aheadMs = here - (seconds * 1_000 + micros / 1_000);
  if (Math.abs(aheadMs) <= tolerableClockMs) return [];
  const side = aheadMs > 0 ? 'ahead of' : 'behind';
  return [
    warning(
      `this machine's clock is ${(Math.abs(aheadMs) / 1_000).toFixed(1)} s ${side} that of Redis`,
      'engines on several machines then disagree about when a cooldown or a limit ends',
      'run NTP (chrony, systemd-timesyncd) on both machines',
    ),
  ];
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

/** The lines of INFO, each `name:value`. */
function readInfo(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const colon = line.indexOf(':');
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : [];
    }),
  );
}

function isAbsent(fault: unknown): boolean {
  const code = fault instanceof Error && 'code' in fault ? fault.code : undefined;
  return code === 'ENOENT' || code === 'ECONNREFUSED';
}
