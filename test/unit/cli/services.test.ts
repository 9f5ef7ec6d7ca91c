import { writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCommandLine } from '../../../src/cli/run.js';
import { captured } from '../../support/captured.js';

const call = (...args: string[]) =>
  captured(() => runCommandLine(['node', 'jidoka', 'services', ...args]));

async function stack(text: string): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'jidoka-stack-')), 'stack.yml');
  writeFileSync(file, text);
  return file;
}

test('a stack file is checked without an engine: labels, expressions, and which playbook takes an alert', async () => {
  const file = await stack(`
services:
  web:
    image: shop/web
    deploy:
      replicas: 2
      labels:
        - jidoka.alert.Slow.if=latency > 1
        - jidoka.alert.Slow.labels.scale=up
        - jidoka.alert.Slow.annotations.summary={{ $$value }} s
  db: { image: shop/db }
`);
  const { code, stdout } = await call('--check', '--stack-file', file, '--playbooks', 'playbooks');
  expect(stdout).toContain('web\n  targets: none\n  alert Slow: latency > 1\n');
  expect(stdout).toContain('scale-service-up');
  expect(stdout).not.toContain('db');
  expect(code).toBe(0);
});

test('a label that is not valid, and an alert that no playbook takes, fail the check', async () => {
  const wrong = await stack(
    'services: { web: { deploy: { labels: { jidoka.alert.Bad.if: "rate(sum(x))" } } } }',
  );
  const bad = await call('--check', '--stack-file', wrong);
  expect(bad.code).toBe(1);
  expect(bad.stdout).toContain('error in Bad: jidoka.alert.Bad: rate expects a range vector');
  expect((await call('--stack-file', wrong)).code).toBe(0);

  const unmatched = await stack(
    'services: { web: { deploy: { labels: { jidoka.alert.Odd.if: "up == 0" } } } }',
  );
  expect((await call('--check', '--stack-file', unmatched)).code).toBe(0);
  const checked = await call('--check', '--stack-file', unmatched, '--playbooks', 'playbooks');
  expect(checked.code).toBe(1);
});

test('what is no stack file is a usage error', async () => {
  const file = await stack('a: b');
  expect(await call('--stack-file', file)).toMatchObject({ code: 2 });
  expect(await call('--stack-file', '/nowhere.yml')).toMatchObject({ code: 2 });
  expect(await call('--playbooks', 'playbooks')).toMatchObject({ code: 2 });
});
