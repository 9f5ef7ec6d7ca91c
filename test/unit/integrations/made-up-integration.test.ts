import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Action } from '../../../src/integrations/contract/action.js';
import type { TargetOf } from '../../../src/integrations/contract/change.js';
import type { Integration } from '../../../src/integrations/contract/integration.js';
import {
  operationKind,
  operationOf,
  resize,
} from '../../../src/integrations/contract/operation.js';
import { planResize, planSize } from '../../../src/integrations/contract/resize.js';
import {
  reactionFields,
  requireWilling,
  resize as resizeTo,
  runningNow,
  steadySize,
  takesMs,
} from '../../../src/integrations/contract/simulated-size.js';
import { createSimulatedTargets } from '../../../src/integrations/contract/simulated-targets.js';
import type { SimulatedKind, Simulator } from '../../../src/integrations/contract/simulation.js';
import { createOfflineRegistry } from '../../../src/integrations/offline-registry.js';
import { integrations } from '../../../src/integrations/registry.js';
import { simulatedKinds } from '../../../src/integrations/simulate.js';
import { playbookJsonSchema, playbookTestJsonSchema } from '../../../src/playbook/json-schema.js';
import { createLibrary } from '../../../src/playbook/library.js';
import { parsePlaybookTexts } from '../../../src/playbook/load.js';
import { testReferenceParts } from '../../../src/playbook/reference.js';
import { parseTests } from '../../../src/playbook/test/parse.js';
import { createTestLanguage } from '../../../src/playbook/test/schema.js';
import { runTest } from '../../../src/simulation/playbook-test/run-test.js';

/* An integration that only this file knows: a service with pools of connections of a certain size. */

interface PoolClients {
  readonly pools: {
    size(name: string): Promise<{ readonly wanted: number; readonly open: number }>;
    resize(name: string, size: number): Promise<void>;
    count(): Promise<number>;
  };
}

const params = z.strictObject({ pool: z.string(), by: z.int(), max: z.int() });
const sides = ({ max }: z.output<typeof params>) => ({
  min: { value: 0, source: 'zero' },
  max: { value: max, source: 'the step' },
});

function createPoolResize({
  pools,
}: PoolClients): Action<z.output<typeof params>, null, TargetOf<'pool'>> {
  return {
    name: 'pool.resize',
    summary: 'Changes the size of a pool.',
    params,
    operations: [resize],
    convergeWithinMs: 60_000,

    async observe({ pool }) {
      const target = { id: `pool/${pool}`, name: pool } as const;
      const { wanted: size } = await pools.size(pool);
      return { target, size, unit: 'connections', version: null, state: null };
    },

    plan: (given, seen) => planResize(seen, { delta: given.by, ...sides(given) }),
    planTo: (given, seen, to) => planSize(seen, to, sides(given)),
    apply: (change) => pools.resize(change.target.name, operationOf([resize], change).to),

    async verify(change) {
      const { open } = await pools.size(change.target.name);
      return {
        kind: open === change.op.to ? 'converged' : 'converging',
        detail: `${open} are open`,
      };
    },
  };
}

const flush = operationKind({
  kind: 'flush',
  schema: z.strictObject({ kind: z.literal('flush'), from: z.string(), to: z.string() }),
  describe: (_op, name) => `flush ${name}`,
  risk: () => undefined,
});

const state = z.strictObject({
  connections: z.int().min(0).describe('How many connections it may have.'),
  ...reactionFields,
});

const pools: SimulatedKind<z.output<typeof state>> = {
  kind: 'pool',
  one: 'pool',
  summary: 'Pools by name.',
  state,
  operations: [flush],
  size: {
    summary: 'How many connections pools may have.',
    example: { orders: 20 },
  },
  assume: ({ size, convergeMs }) => ({
    connections: size,
    takes: convergeMs,
    replies: 'converges',
  }),
};

const simulator: Simulator<{ readonly pools: typeof pools }, PoolClients> = {
  kinds: { pools },

  create({ given, clock, onEffect }) {
    const targets = createSimulatedTargets({
      given: given.pools,
      one: 'pool',
      start: ({ connections }) => steadySize(connections),
    });
    return {
      clients: {
        pools: {
          async size(name) {
            const { state, live: size } = targets.find(name);
            return { wanted: size.wanted, open: runningNow(size, state, clock) };
          },
          async resize(name, to) {
            const { state, live: size } = targets.find(name);
            requireWilling(`pool ${name}`, state);
            const from = size.wanted;
            resizeTo(size, to, state, clock);
            const about = { atMs: clock.now(), kind: 'pool', name, takesMs: takesMs(state) };
            onEffect({ ...about, does: 'resize', from, to });
          },
          count: async () => given.pools.names().length,
        },
      },
      sizes: { pools: (name) => targets.known(name)?.live.wanted },
    };
  },
};

const pool: Integration<'pool', undefined, PoolClients> = {
  name: 'pool',
  title: 'Pools',
  labels: ['pool'],
  nouns: { pool: 'pool' },
  settings: () => undefined,
  connect: () => Promise.reject(new Error('nothing connects in a test')),
  actions: (clients) => [createPoolResize(clients)],
  counts: ({ pools }) => ({ pool: pools.count }),
  simulator,
  doctor: async () => [],
};

const all = [...integrations, pool];
const actions = createOfflineRegistry(all);
const language = createTestLanguage(simulatedKinds(all));

const playbook = `
name: wait-for-connections
summary: Gives a pool more connections.
match: alertname = "PoolExhausted"
mode: auto
steps:
  - pool.resize: { pool: "\${{ labels.pool }}", by: 10, max: 40 }
guards: { cooldown: 0 }
`;

const alert = 'labels: { alertname: PoolExhausted, pool: orders }';
const tests = (more: string) => `
pools: { orders: { connections: 20, takes: 10s } }
tests:
  - name: it gets ten more
    alerts: [{ ${alert}, resolves_when: { pool: orders, reaches: 30 } }]
    expect:
      - { at: 20s, effects: [{ orders: 20 -> 30 }], pools: { orders: 30 } }
      - { at: 5m, runs: [{ outcome: done, reason: resolved }] }
${more}`;

function load(policy = '') {
  const files = [{ file: 'pool.yaml', text: playbook }];
  const texts = { files, policy: { file: 'policy.yaml', text: policy } };
  const loaded = parsePlaybookTexts(texts, actions);
  expect(loaded.problems).toEqual([]);
  return { ...loaded, library: createLibrary(loaded.playbooks) };
}

function parse(text: string) {
  return parseTests('pool.test.yaml', text, ['wait-for-connections'], language);
}

async function run(text: string, policy?: string, of = all) {
  const { parsed, problems } = parse(text);
  if (parsed === undefined) throw new Error(JSON.stringify(problems));
  return runTest(0, parsed.tests, load(policy), of);
}

describe('an integration that is added', () => {
  test('has its actions in playbooks, and its targets in their tests', async () => {
    const { differences, story } = await run(tests(''));
    expect(differences).toEqual([]);
    expect(story.join('\n')).toContain('orders: 20 -> 30');
  });

  test('fails a test that expects another size of its targets', async () => {
    const { differences } = await run(tests('').replace('orders: 30 }', 'orders: 31 }'));
    expect(differences).toMatchObject([{ what: 'pools', lines: ['- orders: 31', '+ orders: 30'] }]);
  });

  test('counts towards the share of its fleet that may be changed', async () => {
    const share = 'blast_radius: { share: 50% }';
    expect((await run(tests(''), share)).differences).toEqual([]);
    const uncounted = { ...pool, counts: () => ({}) };
    const { story } = await run(tests(''), share, [...integrations, uncounted]);
    expect(story.join('\n')).toContain('target_unavailable');
  });

  test('has the reactions that its twin takes', async () => {
    const refused = tests('').replace('takes: 10s', 'replies: refuses');
    const { story } = await run(refused);
    expect(story.join('\n')).toContain('pool orders: the change is refused, as the test says');
  });

  test.each([
    ['connections: 20', 'connection: 20', 'expected one of connections, takes, replies'],
    ['pools: { orders: 30 }', 'pools: { order: 30 }', 'no pool is named "order"'],
    ['effects: [{ orders', 'effects: [{ order', 'or pool is named "order"'],
    ['20 -> 30', 'empty', ', flush'],
    ['{ pool: orders, reaches', '{ reaches', ' and "pool"'],
  ])('is named in what is wrong with a test: %s', (right, wrong, message) => {
    const { problems } = parse(tests('').replace(right, wrong));
    expect(problems.map((problem) => problem.message).join('\n')).toContain(message);
  });

  test('is in the JSON Schemas and the reference', () => {
    const schema = playbookTestJsonSchema(language);
    expect(schema.properties?.pools?.additionalProperties).toMatchObject({
      properties: { connections: { type: 'integer' }, replies: { default: 'converges' } },
    });
    expect(testReferenceParts(schema).file).toContain('`pools.NAME.connections`');
    expect(testReferenceParts(schema).expect).toContain('How many connections pools may have.');
    const steps = playbookJsonSchema(actions).properties?.steps?.items?.properties;
    expect(Object.keys(steps?.['pool.resize']?.properties ?? {})).toEqual(['pool', 'by', 'max']);
  });
});

test('an integration without a twin does not compile', () => {
  const { simulator: _, ...rest } = pool;
  // @ts-expect-error it has no simulator
  const without: Integration<'pool', undefined, PoolClients> = rest;
  expect(without.name).toBe('pool');
});
