import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { JobDefinition, JobValue } from '../../../../src/integrations/contract/job.js';
import { readJobValue } from '../../../../src/integrations/contract/job-values.js';
import { jobFiles, jobSpec } from '../../../../src/integrations/swarm/job-spec.js';
import { InputError } from '../../../../src/lib/errors.js';
import { hostileText } from '../../../support/hostile.js';
import { jobOf } from '../../../support/job.js';

/*
 * What a step gives reaches a job as it is, or is refused: a script of a real shell prints what it got. It runs
 * as a process of its own with the environment and the file that the service would have; what Swarm does with
 * both is shown on a real one in `test/integration/jobs.test.ts`.
 */

const folder = mkdtempSync(join(tmpdir(), 'jidoka-values-'));
afterAll(() => rmSync(folder, { recursive: true }));

const input = { type: 'string', pattern: '(?s).*', max_length: 4_000 } as const;
const batch = 500;
const names = Array.from({ length: batch }, (_, index) => `value_${index}`);
const print = names.map((name) => `printf '%s\\0' "$${name}"`).join('\n');
const job: JobDefinition = jobOf('prints', {
  image: 'alpine:3.22',
  script: { file: 'prints.sh', text: `#!/bin/sh\n${print}\n` },
  inputs: Object.fromEntries(names.map((name) => [name, input])),
  time_limit: '1m',
});

/** Swarm's reading of the environment as templates, as far as Jidoka writes any. */
function expanded(text: string): string {
  const parts = text.split('{{"{{"}}');
  for (const part of parts) expect(part).not.toContain('{{');
  return parts.join('{{');
}

/** What a job prints that gets these values, and what its file says of them. */
function run(values: Readonly<Record<string, JobValue>>) {
  const order = { key: 'run-1', job, image: 'alpine:3.22', values };
  const [json, script] = jobFiles(order);
  const { TaskTemplate } = jobSpec(order, { files: [], secrets: [], configs: [] });
  const { Env, Command } = TaskTemplate.ContainerSpec;
  expect(Command).toEqual(['/bin/sh', script?.path]);
  const path = join(folder, 'prints.sh');
  writeFileSync(path, script?.content ?? '');
  const env = Object.fromEntries(
    Env.map((entry) => [
      entry.slice(0, entry.indexOf('=')),
      expanded(entry.slice(entry.indexOf('=') + 1)),
    ]),
  );
  const { stdout, status } = spawnSync('/bin/sh', [path], { env, maxBuffer: 2 ** 26 });
  expect(status).toBe(0);
  return {
    printed: stdout.toString().split('\0').slice(0, -1),
    file: JSON.parse(json?.content ?? ''),
  };
}

test('100,000 hostile values of labels reach a job as data, or are refused', () => {
  const unrefused = /[\p{Cc}\p{Cs}\u2028\u2029]/u;
  let refused = 0;
  let reached = 0;
  let waiting: string[] = [];

  function deliver(): void {
    const given = Object.fromEntries(names.map((name, index) => [name, waiting[index] ?? '']));
    const { printed, file } = run(given);
    expect(printed).toEqual(Object.values(given));
    expect(file.inputs).toEqual(given);
    reached += waiting.length;
    waiting = [];
  }

  fc.assert(
    fc.property(hostileText, (text) => {
      try {
        const value = readJobValue('value', input, text);
        expect(value).toBe(text);
        expect(text).not.toMatch(unrefused);
        waiting.push(text);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        expect(error.message.length).toBeLessThan(300);
        expect(text.length > 4_000 || unrefused.test(text)).toBe(true);
        refused += 1;
      }
      if (waiting.length === batch) deliver();
    }),
    { numRuns: 100_000 },
  );
  deliver();
  expect(refused + reached).toBe(100_000);
  expect(refused).toBeGreaterThan(10_000);
  expect(reached).toBeGreaterThan(10_000);
  expect(readFileSync(join(folder, 'prints.sh'), 'utf8')).toBe(job.script?.text);
});
