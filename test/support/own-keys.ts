import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeEach } from 'vitest';
import { usePart } from './parts.js';

/** A real Redis for the tests of a file, in which each test has keys of its own. */
export function useOwnKeys() {
  const redis = new Redis(usePart('redis').url);
  let prefix = '';
  beforeEach(() => {
    prefix = `{test-${randomUUID()}}:`;
  });
  afterAll(async () => {
    await redis.quit();
  });
  return { redis, key: (name: string) => `${prefix}${name}` };
}
