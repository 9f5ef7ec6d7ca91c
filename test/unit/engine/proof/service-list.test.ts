import { expect, test } from 'vitest';
import type { Prove } from '../../../../src/engine/proof/prove.js';
import { createServiceList } from '../../../../src/engine/proof/service-list.js';
import type { Ledger } from '../../../../src/ledger/ledger.js';
import { writePrometheusFiles } from '../../../../src/ledger/prometheus-files.js';
import { createComposer } from '../../../../src/monitoring/compose.js';
import { noAutomation } from '../../../../src/monitoring/described-service.js';
import { loadShortcuts } from '../../../../src/monitoring/shortcuts.js';

/** A ledger that keeps texts alone, and a list on 500 services of it. */
async function start() {
  const kept = new Map<string, string>();
  const ledger = {
    keys: {
      prometheusFile: (name: string) => name,
      prometheusFresh: 'fresh',
      prometheusRefused: 'refused',
    },
    redis: {
      get: async (key: string) => kept.get(key) ?? null,
      mget: async (...keys: string[]) => keys.map((key) => kept.get(key) ?? null),
    },
    commit: async ({ writes }: { writes: readonly string[][] }) => {
      for (const [, key = '', value = ''] of writes) kept.set(key, value);
    },
  } as unknown as Ledger;
  const compose = createComposer(loadShortcuts(undefined), { network: undefined, nodeLabels: [] });
  const services = Array.from({ length: 500 }, (_, index) => {
    const name = `service-${String(index).padStart(3, '0')}`;
    const labels = { 'jidoka.alert.Slow.if': `latency{n="${index}"} > 1` };
    const automation = { ...noAutomation, owner: index % 2 === 0 ? 'Payments' : 'Search' };
    return { id: name, name, replicas: 1, labels, containerLabels: {}, automation };
  });
  const silent = { id: 'z', name: 'silent', replicas: 1, labels: {}, containerLabels: {} };
  const world = { services: [...services, { ...silent, automation: noAutomation }] };
  const composed = compose({ ...world, tasks: [], nodes: [] });
  const record = () =>
    writePrometheusFiles(
      ledger,
      { rules: '', targets: '', services: JSON.stringify(composed.services) },
      0,
    );
  const proven: string[][] = [];
  const prove: Prove = async (all) => {
    proven.push(all.map(({ name }) => name));
    return all.map(({ rules }) => rules.map(({ alert }) => ({ alert, tried: 'rule', links: [] })));
  };
  return { list: createServiceList({ ledger, prove }), proven, record, kept };
}

test('500 services are read page by page, and only those that are shown are proven', async () => {
  const { list, proven, record } = await start();
  expect(await list.page({ words: '', limit: 50 })).toBeNull();
  await record();
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const page = await list.page({ words: '', after, limit: 50 });
    expect(page?.total).toBe(500);
    seen.push(...(page?.items.map(({ name }) => name) ?? []));
    after = page?.next ?? undefined;
  } while (after !== undefined);
  expect(new Set(seen).size).toBe(500);
  expect(proven).toHaveLength(10);
  expect(proven.every((names) => names.length === 50)).toBe(true);
});

test('words filter by name, owner and alert', async () => {
  const { list, record } = await start();
  await record();
  const namesOf = async (words: string) =>
    (await list.page({ words, limit: 500 }))?.items.map(({ name }) => name);
  expect(await namesOf('payments')).toHaveLength(250);
  expect(await namesOf('PAYMENTS slow 004')).toEqual(['service-004']);
  expect(await namesOf('silent')).toEqual([]);
  expect((await list.one('service-004'))?.alerts).toHaveLength(1);
  expect(await list.one('silent')).toBeUndefined();
});

test('many who look at the same page at once cost one proof', async () => {
  const { list, proven, record } = await start();
  await record();
  await Promise.all(Array.from({ length: 20 }, () => list.page({ words: '', limit: 5 })));
  expect(proven.length).toBeLessThanOrEqual(2);
  const before = proven.length;
  await list.page({ words: '', limit: 5 });
  expect(proven).toHaveLength(before);
});
