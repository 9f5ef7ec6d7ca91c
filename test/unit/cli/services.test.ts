import { writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { runCommandLine } from '../../../src/cli/run.js';
import { interpolate } from '../../../src/cli/services/interpolate.js';
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
        - jidoka.scale.min=2
        - jidoka.scale.max=\${MAX:-8}
        - jidoka.owner=Payments
  db: { image: shop/db }
`);
  const { code, stdout } = await call('--check', '--stack-file', file, '--playbooks', 'playbooks');
  expect(stdout).toBe(`web
  not scraped, 2..8 replicas, owner Payments
  alert Slow: latency > 1
    – scraped: not checked: the service does not ask to be scraped; its alerts use metrics of others
    – rule: not checked: a stack file does not tell
    – route: not checked: a stack file does not tell
    ✓ playbook: scale-service-up
    ✓ target: scale web from 2 to 3 replicas, and one more time while the alert fires, up to 4
    ✓ mode: auto
`);
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

/** What the check says of a service with an alert, its labels with these besides. */
const chainWith = async (labels: Readonly<Record<string, string>>, deploy = '') => {
  const all = {
    'jidoka.alert.Slow.if': 'latency > 1',
    'jidoka.alert.Slow.labels.scale': 'up',
    'jidoka.scale.min': '1',
    'jidoka.scale.max': '3',
    ...labels,
  };
  const file = await stack(
    `services: { web: { deploy: { ${deploy} labels: ${JSON.stringify(all)} } } }`,
  );
  return call('--check', '--stack-file', file, '--playbooks', 'playbooks');
};

test('each missing piece of a stack file fails the check and is named', async () => {
  expect((await chainWith({})).code).toBe(0);

  const unmatched = await chainWith({ 'jidoka.alert.Slow.labels.scale': 'sideways' });
  expect(unmatched.code).toBe(1);
  expect(unmatched.stdout).toContain('✗ playbook: no playbook matches');

  const global = await chainWith({}, 'mode: global,');
  expect(global.code).toBe(1);
  expect(global.stdout).toContain('✗ target:');

  const shadow = await chainWith({ 'jidoka.mode': 'shadow' });
  expect(shadow.code).toBe(1);
  expect(shadow.stdout).toMatch(/✗ mode: .*jidoka\.mode=shadow/);

  const approve = await chainWith({ 'jidoka.mode': 'approve' });
  expect(approve.code).toBe(0);
  expect(approve.stdout).toContain('✓ mode: a person approves');

  const misspelt = await chainWith({ 'jidoka.scale.maximum': '9' });
  expect(misspelt.code).toBe(1);
  expect(misspelt.stdout).toContain('error in automation: unknown label jidoka.scale.maximum');
  expect(misspelt.stdout).toContain('✗ target:');

  const off = await chainWith({ 'jidoka.enable': 'false' });
  expect(off.code).toBe(1);
  expect(off.stdout).toContain('✗ target:');
});

test('labels outside of deploy are warned about, and a target of another file is not checked', async () => {
  const outside = await stack(
    'services: { web: { labels: [com.df.alertName=slow], deploy: { labels: { jidoka.owner: me } } } }',
  );
  const { code, stdout } = await call('--check', '--stack-file', outside);
  expect(stdout).toContain(
    'warning: label com.df.alertName is outside of deploy and has no effect',
  );
  expect(code).toBe(0);

  const ours = await stack('services: { web: { labels: { jidoka.scrape.port: 80 } } }');
  expect((await call('--check', '--stack-file', ours)).code).toBe(1);

  vi.stubEnv('JIDOKA_WORKER_ASG', 'workers');
  const nodes = await chainWith({ 'jidoka.alert.Slow.labels.type': 'node' });
  expect(nodes.stdout).toContain('– target: not checked: the stack file does not define workers');
  vi.unstubAllEnvs();
});

test('variables are put in place as docker stack deploy does', () => {
  const env = { A: 'a', EMPTY: '' };
  const of = (text: string) => interpolate(text, env);
  expect(of('$A ${A} $$A $${A} ${B} ${B:-b} ${EMPTY-b} ${EMPTY:-b} ${A:?no}')).toBe(
    'a a $A ${A}  b  b a',
  );
  expect(() => of('${B:?set it}')).toThrow('variable B is not set: set it');
});

test('what is no stack file is a usage error', async () => {
  const file = await stack('a: b');
  expect(await call('--stack-file', file)).toMatchObject({ code: 2 });
  expect(await call('--stack-file', '/nowhere.yml')).toMatchObject({ code: 2 });
  expect(await call('--playbooks', 'playbooks')).toMatchObject({ code: 2 });
});
