import type { TestProject } from 'vitest/node';
import { makeRunDir, removeDir } from './parts/place.js';
import { startRedisIn } from './parts/redis.js';

/** Gets what the chaos tests need: a Redis. Their Swarm is simulated. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const dir = await makeRunDir();
  const redis = await startRedisIn(`${dir}/redis`);
  const none = { ok: false, reason: 'the chaos tests have a Redis only' } as const;
  project.provide('parts', {
    dir,
    redis: { ok: true, value: { url: redis.url } },
    docker: none,
    prometheus: none,
    alertmanager: none,
    chromium: none,
  });
  return async () => {
    await redis.stop();
    await removeDir(dir);
  };
}
