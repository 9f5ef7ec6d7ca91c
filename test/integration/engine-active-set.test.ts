import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadOwn } from '../../src/app/playbooks.js';
import { createActiveSet } from '../../src/engine/playbook-set/active-set.js';
import { createPlaybookChecker } from '../../src/engine/playbook-set/playbook-checker.js';
import type { AnyAction } from '../../src/integrations/contract/action.js';
import type { Transaction } from '../../src/ledger/transaction.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';
import { makeDir } from '../support/parts/place.js';

let bench: Bench;
let logged: string[];
beforeEach(async () => {
  bench = await startBench({ playbooks: [] });
  bench.targets.add('web', 2);
  logged = [];
});
afterEach(() => bench.stop());

const scaleByTwo = scaleUp.replace('by: 1', 'by: 2');
const slow = { alertname: 'Slow', service: 'web' };

/** What a worker has that starts with a folder of these texts. */
async function worker(
  texts: readonly string[],
  policy?: string,
  actions?: readonly AnyAction[],
  ledger = bench.ledger,
) {
  const playbooks = await makeDir('playbooks');
  for (const [index, text] of texts.entries()) {
    await writeFile(join(playbooks, `${index}.yaml`), text);
  }
  if (policy !== undefined) await writeFile(join(playbooks, 'policy.yaml'), policy);
  const known = new Map((actions ?? [bench.targets.action]).map((action) => [action.name, action]));
  const check = createPlaybookChecker(known);
  const own = await loadOwn({ playbooks, policy: undefined }, check);
  const log = pino({}, { write: (line: string) => logged.push(line) });
  const { clock } = bench;
  const set = createActiveSet({ ledger, check, own, clock, log });
  await set.publish(own, 'start');
  return set;
}

const names = ({ active }: Awaited<ReturnType<typeof worker>>) =>
  active().library.playbooks.map(({ name, file }) => `${file} ${name}`);

describe('workers with different folders', () => {
  test('decide with one set: that of the worker which started last', async () => {
    const first = await worker([scaleUp], 'ignored_labels: [zone]');
    const second = await worker([scaleByTwo, scaleUp.replace('scale-up', 'other')]);
    expect(first.active().hash).not.toBe(second.active().hash);
    await first.follow();
    await second.follow();
    expect(first.active().hash).toBe(second.active().hash);
    expect(names(first)).toEqual(['0.yaml scale-up', '1.yaml other']);
    expect(first.active().policy.ignoredLabels).toEqual(second.active().policy.ignoredLabels);

    bench.use(bench.another({ active: first.active }));
    await bench.take([{ labels: slow }]);
    expect(bench.targets.effects).toEqual(['web: 2 → 4']);
    expect(await bench.runs()).toMatchObject([
      { origin: { hash: second.active().library.playbooks[0]?.hash } },
    ]);
  });

  test('leave a trail of which set took the place of which', async () => {
    const first = (await worker([scaleUp])).active().hash;
    const second = (await worker([scaleByTwo])).active().hash;
    await worker([scaleByTwo]);
    expect(await bench.audited('cell')).toMatchObject([
      { event: 'activated', detail: `${first} instead of none (start)` },
      { event: 'activated', detail: `${second} instead of ${first} (start)` },
    ]);
  });

  test('of which one overtakes the other leave a trail that is right all the same', async () => {
    const { ledger } = bench;
    let other = '';
    const overtaken = {
      ...ledger,
      async commit(transaction: Transaction) {
        if (other === '') other = (await worker([scaleByTwo])).active().hash;
        return ledger.commit(transaction);
      },
    };
    const { hash } = (await worker([scaleUp], undefined, undefined, overtaken)).active();
    expect(await bench.audited('cell')).toMatchObject([
      { detail: `${other} instead of none (start)` },
      { detail: `${hash} instead of ${other} (start)` },
    ]);
  });

  test('do not fall back to a set that was replaced while they read it', async () => {
    const first = await worker([scaleUp]);
    const second = await worker([scaleByTwo]);
    const playbooks = await makeDir('playbooks');
    await writeFile(join(playbooks, '0.yaml'), scaleUp.replace('by: 1', 'by: 3'));
    const known = new Map([[bench.targets.action.name, bench.targets.action]]);
    const check = createPlaybookChecker(known);
    const changed = await loadOwn({ playbooks, policy: undefined }, check);
    const { redis, ledger } = bench;
    const get = redis.get.bind(redis);
    vi.spyOn(redis, 'get').mockImplementation(async (key) => {
      const value = await get(key);
      if (key === ledger.keys.playbookSet(second.active().hash)) {
        await first.publish(changed, 'folder changed');
      }
      return value;
    });
    await first.follow();
    expect(first.active().hash).toBe(changed.hash);
  });

  test('that start at the same moment end with one set too', async () => {
    const texts = [1, 2, 3, 4].map((by) => scaleUp.replace('by: 1', `by: ${by}`));
    const workers = await Promise.all(texts.map((text) => worker([text])));
    await Promise.all(workers.map(({ follow }) => follow()));
    expect(new Set(workers.map(({ active }) => active().hash)).size).toBe(1);
  });

  test('read what another published of many playbooks, which takes little room in Redis', async () => {
    const first = await worker([scaleUp]);
    const many = Array.from({ length: 300 }, (_, index) =>
      scaleUp.replace('name: scale-up', `name: scale-up-${index}`),
    );
    const { hash } = (await worker(many)).active();
    await first.follow();
    expect(first.active()).toMatchObject({ hash });
    expect(first.active().library.playbooks).toHaveLength(300);
    const stored = await bench.redis.strlen(bench.ledger.keys.playbookSet(hash));
    expect(stored).toBeLessThan(many.join('').length / 10);
  });

  test('go back to a set that was replaced when a worker starts with it again', async () => {
    const first = await worker([scaleUp]);
    const { hash } = first.active();
    await worker([scaleByTwo]);
    await worker([scaleUp]);
    expect(await bench.redis.ttl(bench.ledger.keys.playbookSet(hash))).toBe(-1);
    await first.follow();
    expect(first.active().hash).toBe(hash);
  });
});

describe('a set that a worker cannot use', () => {
  test('leaves its old one, and it says so once, until there is one that it can use', async () => {
    const old = await worker([scaleUp]);
    const { hash } = old.active();
    const newer = { ...bench.targets.action, name: 'test.restart' };
    const restart = scaleUp.replace('test.scale', 'test.restart');
    const published = await worker([restart], undefined, [newer]);
    await old.follow();
    await old.follow();
    expect(old.active().hash).toBe(hash);
    expect(old.describe()).toMatch(
      /^set \w{12}; active playbooks refused by this engine \w{12}: 0\.yaml:\d+:\d+: /,
    );
    const errors = logged.filter((line) => line.includes('refused by this engine'));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(published.active().hash);

    const next = await worker([scaleByTwo]);
    await old.follow();
    expect(old.active().hash).toBe(next.active().hash);
    expect(old.describe()).toMatch(
      /^set \w{12} of another engine; the folder here holds set \w{12}, which is not active$/,
    );
  });

  test('because its texts are gone, or are not those of its hash, is not used either', async () => {
    const old = await worker([scaleUp]);
    const { hash } = old.active();
    const next = await worker([scaleByTwo]);
    const key = bench.ledger.keys.playbookSet(next.active().hash);
    const text = await bench.redis.get(key);
    await bench.redis.set(key, text?.replace('by: 2', 'by: 7') ?? '');
    await old.follow();
    expect(old.active().hash).toBe(hash);
    expect(old.describe()).toContain('its files have the hash');

    const damaged = await worker([scaleUp.replace('by: 1', 'by: 3')]);
    await bench.redis.set(bench.ledger.keys.playbookSet(damaged.active().hash), 'nonsense');
    await old.follow();
    expect(old.active().hash).toBe(hash);
    expect(old.describe()).toContain('its files cannot be read: incorrect header check');
  });
});
