import type { TestProject } from 'vitest/node';
import { findDocker } from './parts/docker.js';
import { makeRunDir, removeDir } from './parts/place.js';

/** Gets what the tests of the deployment need: a Docker engine. All else runs in it. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const log = (line: string) => console.log(`tests: ${line}`);
  const dir = await makeRunDir();
  const docker = await findDocker(`${dir}/docker`, log);
  const none = {
    ok: false,
    reason: 'the tests of the deployment have a Docker engine only',
  } as const;
  project.provide('parts', {
    dir,
    docker: { ok: true, value: docker.part },
    redis: none,
    prometheus: none,
    alertmanager: none,
    chromium: none,
  });
  return async () => {
    await docker.stop();
    await removeDir(dir);
  };
}
