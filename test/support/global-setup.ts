import type { TestProject } from 'vitest/node';
import { messageOf } from '../../src/lib/errors.js';
import { findAlertmanager } from './parts/alertmanager.js';
import { findChromium } from './parts/chromium.js';
import { findDocker } from './parts/docker.js';
import { makeRunDir, removeDir } from './parts/place.js';
import { findPrometheus } from './parts/prometheus.js';
import { startRedisIn } from './parts/redis.js';
import type { Had } from './parts.js';

/** Gets every part that the tests need. One that cannot be had fails the tests that use it, not the others. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const log = (line: string) => console.log(`tests: ${line}`);
  const dir = await makeRunDir();
  const [redis, docker, prometheus, alertmanager, chromium] = await Promise.all([
    attempt(startRedisIn(`${dir}/redis`)),
    attempt(findDocker(`${dir}/docker`, log)),
    attempt(findPrometheus(log)),
    attempt(findAlertmanager(log)),
    attempt(findChromium(log)),
  ]);
  project.provide('parts', {
    dir,
    redis: redis.ok ? { ok: true, value: { url: redis.value.url } } : redis,
    docker: docker.ok ? { ok: true, value: docker.value.part } : docker,
    prometheus,
    alertmanager,
    chromium,
  });
  return async () => {
    await Promise.all([redis, docker].map((part) => part.ok && part.value.stop()));
    await removeDir(dir);
  };
}

async function attempt<Value>(promise: Promise<Value>): Promise<Had<Value>> {
  try {
    return { ok: true, value: await promise };
  } catch (error) {
    return { ok: false, reason: messageOf(error) };
  }
}
