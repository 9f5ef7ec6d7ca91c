import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, scaleUp, startBench } from '../support/engine.js';
import { makeDir } from '../support/parts/place.js';
import { type Reloading, startReloading } from '../support/reloading.js';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench({ playbooks: [] });
});
afterEach(() => bench.stop());

const named = (name: string) => scaleUp.replace('scale-up', name);
const successful = 'jidoka_config_last_reload_successful';
const successTime = 'jidoka_config_last_reload_success_timestamp_seconds';

async function activated(): Promise<(string | undefined)[]> {
  return (await bench.audited('cell')).map(({ detail }) => detail);
}

const errors = ({ logged }: Reloading) => logged.filter(({ level }) => level >= 50);

describe('a changed folder', () => {
  test('is taken when it has come to rest, with a record of which set took the place of which', async () => {
    const one = await startReloading(bench, { 'a.yaml': named('a') });
    const before = one.set.active().hash;
    await one.write({ 'b.yaml': named('b') });
    await one.look();
    await one.write({ 'c.yaml': named('c') });
    await one.look();
    expect(one.names()).toEqual(['a']);
    await one.look();
    expect(one.names()).toEqual(['a', 'b', 'c']);
    const { hash } = one.set.active();
    expect(await activated()).toEqual([
      `${before} instead of none (start)`,
      `${hash} instead of ${before} (folder changed)`,
    ]);
    expect(one.logged).toMatchObject([{ msg: 'playbooks reloaded', set: hash, playbooks: 3 }]);
  });

  test('that nobody has changed is no news, however often it is looked at', async () => {
    const one = await startReloading(bench, { 'a.yaml': named('a') });
    await one.write({ 'a.yaml': named('a') });
    await one.settle();
    await one.settle();
    expect(await activated()).toHaveLength(1);
    expect(one.logged).toEqual([]);
  });

  test('is one where links were swapped under a mounted ConfigMap', async () => {
    const one = await startReloading(bench, {});
    const put = async (version: string, text: string) => {
      await mkdir(join(one.folder, version));
      await writeFile(join(one.folder, version, 'a.yaml'), text);
      await symlink(version, join(one.folder, '..data_tmp'));
      await rename(join(one.folder, '..data_tmp'), join(one.folder, '..data'));
    };
    await put('..v1', named('first'));
    await symlink('..data/a.yaml', join(one.folder, 'a.yaml'));
    await one.settle();
    expect(one.names()).toEqual(['first']);
    await put('..v2', named('second'));
    await one.settle();
    expect(one.names()).toEqual(['second']);
  });

  test('is one where the policy changed, wherever it is', async () => {
    const policy = join(await makeDir('policy'), 'policy.yaml');
    await writeFile(policy, 'ignored_labels: [zone]');
    const one = await startReloading(bench, { 'a.yaml': named('a') }, { policy });
    await writeFile(policy, 'ignored_labels: [rack]');
    await one.settle();
    expect(one.set.active().policy.ignoredLabels).toEqual(['rack']);
  });
});

describe('a folder that cannot be taken', () => {
  test('leaves the old set, and says so with the place of each fault, until it is mended', async () => {
    const one = await startReloading(bench, { 'a.yaml': named('a') });
    const startedAt = bench.clock.now() / 1_000;
    bench.clock.advance(5_000);
    await one.write({ 'a.yaml': named('b'), 'b.yaml': 'name: c\nmatch: =', 'c.yaml': ': :' });
    await one.settle();
    await one.settle();
    expect(one.names()).toEqual(['a']);
    const { ok, problems } = one.state();
    expect(ok).toBe(false);
    expect(problems.some((line) => /^b\.yaml:2:\d+: match/.test(line))).toBe(true);
    expect(problems.some((line) => line.startsWith('c.yaml:1:'))).toBe(true);
    expect(errors(one)).toMatchObject([{ problems, by: 'folder changed' }]);
    expect([await one.gauge(successful), await one.gauge(successTime)]).toEqual([0, startedAt]);

    bench.clock.advance(5_000);
    await one.remove('c.yaml');
    await one.write({ 'b.yaml': named('c') });
    await one.settle();
    expect(one.names()).toEqual(['b', 'c']);
    expect(one.state()).toMatchObject({ ok: true, problems: [] });
    expect([await one.gauge(successful), await one.gauge(successTime)]).toEqual([
      1,
      startedAt + 10,
    ]);
    expect(await activated()).toHaveLength(2);
  });

  test('and is put back as it was is good again, and makes no new set', async () => {
    const one = await startReloading(bench, { 'a.yaml': named('a') });
    await one.write({ 'a.yaml': 'name: a' });
    await one.settle();
    expect(await one.gauge(successful)).toBe(0);
    await one.write({ 'a.yaml': named('a') });
    await one.settle();
    expect(await one.gauge(successful)).toBe(1);
    expect(one.logged.at(-1)).toMatchObject({ msg: 'playbooks unchanged' });
    expect(await activated()).toHaveLength(1);
  });

  test('because it has vanished is no empty one', async () => {
    const one = await startReloading(bench, { 'a.yaml': named('a') });
    await rename(one.folder, `${one.folder}-away`);
    await one.settle();
    expect(one.names()).toEqual(['a']);
    expect(one.state().problems.join()).toContain('the playbook folder cannot be read');
    await rename(`${one.folder}-away`, one.folder);
    await one.settle();
    expect(one.state().ok).toBe(true);
    expect(await activated()).toHaveLength(1);
  });

  test('because a file in it leads nowhere is not taken without that file', async () => {
    const one = await startReloading(bench, { 'a.yaml': named('a') });
    await symlink('nowhere.yaml', join(one.folder, 'b.yaml'));
    await one.write({ 'a.yaml': named('b') });
    await one.settle();
    expect(one.names()).toEqual(['a']);
    expect(one.state().problems.join()).toContain('b.yaml');
  });

  test('because its policy is gone is not taken with another one', async () => {
    const policy = join(await makeDir('policy'), 'policy.yaml');
    await writeFile(policy, 'ignored_labels: [zone]');
    const one = await startReloading(bench, { 'a.yaml': named('a') }, { policy });
    await rename(policy, `${policy}~`);
    await one.settle();
    expect(one.set.active().policy.ignoredLabels).toEqual(['zone']);
    expect(one.state().problems.join()).toContain('JIDOKA_POLICY');
  });

  test('because it is empty all at once is taken only when somebody asks for it', async () => {
    const one = await startReloading(bench, { 'a.yaml': named('a') });
    await one.remove('a.yaml');
    await one.settle();
    expect(one.names()).toEqual(['a']);
    expect(one.state().problems.join()).toContain('the folder holds no playbook');
    expect(await one.reload('SIGHUP')).toMatchObject({ kind: 'activated' });
    expect(one.names()).toEqual([]);
    expect(one.state().ok).toBe(true);
  });
});

test('a policy that is gone all at once is taken as gone only when somebody asks for it', async () => {
  const policy = 'approval_expires: 2h';
  const one = await startReloading(bench, { 'a.yaml': named('a'), 'policy.yaml': policy });
  const hash = one.set.active().hash;
  await one.remove('policy.yaml');
  await one.settle();
  expect(one.set.active().hash).toBe(hash);
  expect(one.state().problems.join()).toContain('policy.yaml is missing');
  expect(await one.reload('SIGHUP')).toMatchObject({ kind: 'activated' });
  expect(one.state().ok).toBe(true);
});

describe('a reload that somebody asks for', () => {
  test('reads at once and tells what came of it', async () => {
    const one = await startReloading(bench, { 'a.yaml': named('a') });
    await one.write({ 'a.yaml': named('b') });
    expect(await one.reload('POST /-/reload')).toMatchObject({ kind: 'activated' });
    expect(one.names()).toEqual(['b']);
    expect((await activated()).at(-1)).toContain('(POST /-/reload)');
    expect(await one.reload('SIGHUP')).toMatchObject({ kind: 'unchanged' });
    await one.write({ 'a.yaml': 'name: c' });
    const refused = await one.reload('SIGHUP');
    expect(refused).toEqual({ kind: 'refused', problems: one.state().problems });
    expect(one.names()).toEqual(['b']);
  });

  test('is answered by the log each time, also where nothing is new', async () => {
    const one = await startReloading(bench, { 'a.yaml': named('a') });
    await one.reload('SIGHUP');
    await one.reload('SIGHUP');
    expect(one.logged).toHaveLength(2);
    await one.write({ 'a.yaml': 'name: c' });
    await one.reload('SIGHUP');
    await one.reload('SIGHUP');
    expect(errors(one)).toHaveLength(2);
  });

  test('while others are under way shares the next one, and sees what is there then', async () => {
    const one = await startReloading(bench, { 'a.yaml': named('a') });
    const first = one.reload('SIGHUP');
    await Promise.resolve();
    await one.write({ 'a.yaml': named('b') });
    const more = [1, 2, 3, 4, 5].map(() => one.reload('SIGHUP'));
    await Promise.all([first, ...more]);
    expect(one.names()).toEqual(['b']);
    expect(one.reads()).toBeLessThanOrEqual(2);
  });

  test('is refused when the engine stops', async () => {
    const one = await startReloading(bench, { 'a.yaml': named('a') });
    await one.stop();
    await one.write({ 'a.yaml': named('b') });
    await expect(one.reload('SIGHUP')).rejects.toThrow('the engine is stopping');
    await one.settle();
    expect(one.names()).toEqual(['a']);
  });
});

describe('a change that Redis does not take', () => {
  test('is a failed reload, said once, and is published as soon as Redis takes it', async () => {
    let isDown = false;
    const publishing = async () => {
      if (isDown) throw new Error('Connection is closed.');
    };
    const one = await startReloading(bench, { 'a.yaml': named('a') }, { publishing });
    await one.write({ 'a.yaml': named('b') });
    isDown = true;
    await one.look();
    await expect(one.look()).rejects.toThrow('closed');
    await expect(one.look()).rejects.toThrow('closed');
    expect(one.names()).toEqual(['a']);
    expect(one.state().problems).toEqual([
      'Jidoka could not publish the changed playbooks: Connection is closed.',
    ]);
    expect(errors(one)).toHaveLength(1);
    isDown = false;
    await one.look();
    expect(one.names()).toEqual(['b']);
    expect(await one.gauge(successful)).toBe(1);
  });
});

describe('two engines of one cell', () => {
  test('with different folders do not take turns: only a change is published', async () => {
    const one = await startReloading(bench, { 'a.yaml': named('one') });
    const two = await startReloading(bench, { 'a.yaml': named('two') });
    const both = async () => {
      for (const engine of [one, two, one, two]) {
        await engine.settle();
        await engine.set.follow();
      }
      return [one.names(), two.names()];
    };
    expect(await both()).toEqual([['two'], ['two']]);
    expect(await one.reload('SIGHUP')).toMatchObject({ kind: 'unchanged' });
    expect(await both()).toEqual([['two'], ['two']]);
    expect(one.set.describe()).toMatch(/of another engine; the folder here holds set \w{12}/);

    await one.write({ 'a.yaml': named('three') });
    expect(await both()).toEqual([['three'], ['three']]);
    await two.write({ 'a.yaml': 'name: bad' });
    await two.settle();
    await two.write({ 'a.yaml': named('two') });
    expect(await both()).toEqual([['three'], ['three']]);
    expect(await activated()).toHaveLength(3);
  });

  test('that get the same change one after the other make one new set of it', async () => {
    const one = await startReloading(bench, { 'a.yaml': named('a') });
    const two = await startReloading(bench, { 'a.yaml': named('a') });
    for (const engine of [one, two]) await engine.write({ 'a.yaml': named('b') });
    await one.settle();
    await two.settle();
    expect([one.names(), two.names()]).toEqual([['b'], ['b']]);
    expect(await activated()).toHaveLength(2);
  });
});
