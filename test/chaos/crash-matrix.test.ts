import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLedger } from '../../src/ledger/ledger.js';
import { createLogger } from '../../src/logger.js';
import { createQueues } from '../../src/queue/queues.js';
import { createSwarmSim } from '../../src/sim/swarm.js';
import { makeDir } from '../support/parts/place.js';
import { startRedis, type TestRedis } from '../support/parts/redis.js';
import type { Place } from './gate.js';
import { type Life, startLife } from './life.js';

/*
 * The engine is killed (SIGKILL) before and after each of its durable writes and each of its calls to
 * the Swarm, once each, and another one takes its place. A quiet run tells how many places there are.
 * Left out are the queues' own writes but for the intake: whatever a job is, it is on the agenda too.
 */

const atOnce = 10;
const swarm = createSwarmSim();
let server: TestRedis;
let redis: Redis;
let playbooks: string;

const playbook = `
name: add
summary: Adds a replica, twice if once does not help.
match: alertname = "Slow"
mode: auto
steps:
  - swarm.scale: { service: "\${{ labels.service }}", by: 1, max: 8 }
    settle: 1s
    repeat: 2
guards: { cooldown: 0 }
`;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
  await swarm.start();
  playbooks = join(await makeDir('matrix'), 'playbooks');
  await mkdir(playbooks);
  await writeFile(join(playbooks, 'add.yaml'), playbook);
  // the first use of a script takes Redis two requests
  await createLedger({ redis, cell: 'first' }).commit({ checks: [], writes: [], nowMs: 0 });
  await createQueues({ connection: redis, cell: 'first', log: createLogger('silent') }).enqueue({
    source: 'alertmanager',
    receivedAtMs: 0,
    notification: {} as never,
  });
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
  await swarm.stop();
});

/** What there is to see at the end of the story. */
type Ending = Awaited<ReturnType<typeof endingOf>>;

/**
 * The story: an alert whose playbook acts twice and helps nothing, which a person is told; then an
 * alert that no playbook knows, which a person answers with a click.
 */
async function live(place?: Place, onDeath = () => {}) {
  const cell = `matrix-${randomUUID()}`;
  const services = [`slow-${cell.slice(-12)}`, `odd-${cell.slice(-12)}`] as const;
  const ids = services.map((name) => swarm.addService({ name, replicas: 1, labels }));
  const redisPort = Number(new URL(server.url).port);
  const life = await startLife({ cell, redis, redisPort, swarm, playbooks, place });
  life.death.then(onDeath);
  const { until } = life;
  const slow = { alertname: 'Slow', service: services[0] };
  const odd = { alertname: 'Odd', service: services[1] };
  try {
    await life.notify(slow, 'firing');
    await until('the run has ended', runsOf(life), (runs) => runs[0]?.state === 'ended');
    await life.notify(slow, 'resolved');
    await atRest(life);

    await life.notify(odd, 'firing');
    const unknown = async () =>
      (await escalationsOf(life)()).find(({ reason }) => reason === 'no_match');
    const question = await until('a person is asked', unknown, (one) => one?.choices != null);
    await life.answer(question?.id ?? '', 'up');
    const isCarriedOut = (runs: { state: string }[]) =>
      ['settling', 'ended'].includes(runs[1]?.state ?? '');
    await until('the click was carried out', runsOf(life), isCarriedOut);
    await life.notify(odd, 'resolved');

    await atRest(life);
    return { life, ending: await endingOf(life, services, ids) };
  } finally {
    await life.stop();
  }
}

const labels = { 'com.df.scaleMin': '1', 'com.df.scaleMax': '8' };

/** Waits until nothing fires and nothing is left to do, messages included. */
async function atRest({ ledger, until }: Life): Promise<void> {
  const { keys } = ledger;
  await until(
    'nothing is left to do',
    async () => ({
      open: await redis.zrange(keys.openEpisodes, '0', '-1'),
      runs: await redis.zrange(keys.activeRuns, '0', '-1'),
      agenda: await redis.zrange(keys.agenda, '0', '-1'),
    }),
    (left) => Object.values(left).every((items) => items.length === 0),
  );
}

function runsOf({ ledger }: Life) {
  return async () => {
    const ids = await ledger.redis.zrange(ledger.keys.runs, '0', '-1');
    const runs = await Promise.all(ids.map((id) => ledger.run(id)));
    return runs.flatMap((run) => (run === null ? [] : [run.value]));
  };
}

function escalationsOf({ ledger }: Life) {
  return async () => {
    const ids = await ledger.redis.zrange(ledger.keys.escalations, '0', '-1');
    const found = await Promise.all(ids.map((id) => ledger.escalation(id)));
    return found.flatMap((one) => (one === null ? [] : [one.value]));
  };
}

async function endingOf(life: Life, services: readonly string[], ids: readonly string[]) {
  const { ledger } = life;
  const runs = await runsOf(life)();
  const audit = await ledger.redis.xrange(ledger.keys.audit, '-', '+');
  const intentions = audit.filter(([, fields]) => fields[1]?.includes('"event":"applying"')).length;
  const posts = swarm.requests.filter((request) =>
    ids.some((id) => request.includes(`${id}/update`)),
  );
  return {
    effects: swarm.updates
      .filter(({ service }) => services.includes(service))
      .map(({ from, to }) => `${from} → ${to}`),
    sentWithoutIntention: Math.max(0, posts.length - intentions),
    runs: runs.map(
      ({ outcome, attempts }) => `${outcome?.kind} ${outcome?.reason} ${attempts.length}`,
    ),
    told: (await escalationsOf(life)()).map(({ reason, state }) => `${reason} ${state}`),
    episodes: await ledger.redis.zcard(ledger.keys.episodes),
    locks: await ledger.redis.keys(`${ledger.keys.lock('*')}`),
  };
}

/** Some of the places that there have to be. */
const mustPass = [
  ...['notification 1', 'episode opened 1', 'run admitted 1', 'GET service 1', 'run applying 1'],
  ...['POST update 1', 'run applied 1', 'GET tasks 1', 'run converged 1', 'run next_attempt 1'],
  ...['run applying 2', 'run ended 1', 'episode resolved 1', 'escalation withdrawn 1'],
  ...['episode escalated 1', 'escalation answered 1', 'run admitted 2', 'notification 4'],
];

/** What the story comes to if nobody dies. */
const expected: Ending = {
  effects: ['1 → 2', '2 → 3', '1 → 2'],
  sentWithoutIntention: 0,
  runs: ['failed exhausted 2', 'done resolved 1'],
  told: ['exhausted withdrawn', 'no_match answered'],
  episodes: 2,
  locks: [],
};

/** Of the bookkeeping for messages, which has no audit record, only the first of each kind: they are all alike. */
const isOneOfMany = (name: string) => /^[A-Z]+(,[A-Z]+)* \d+$/.test(name) && !name.endsWith(' 1');

/** A read changes nothing: to die after it is to die before what follows. */
const sidesOf = (name: string): Place['side'][] =>
  name.startsWith('GET') ? ['before'] : ['before', 'after'];

/** Those first that take longest, because the intention's lease has to end. */
function inGoodOrder(passed: readonly string[]): Place[] {
  let leased = false;
  const places = passed
    .filter((name) => !isOneOfMany(name))
    .map((name) => {
      leased ||= name.startsWith('run applying');
      const place = { name, leased };
      if (name.startsWith('run applied')) leased = false;
      return place;
    });
  return places
    .sort((a, b) => Number(b.leased) - Number(a.leased))
    .flatMap(({ name }) => sidesOf(name).map((side) => ({ name, side })));
}

/** Lets so many in at a time; whoever has left (which may be said twice) makes room for the next. */
function createRoom(size: number) {
  let inside = 0;
  const waiting: (() => void)[] = [];
  return {
    async enter(): Promise<() => void> {
      if (inside >= size) await new Promise<void>((come) => waiting.push(come));
      inside += 1;
      let left = false;
      return () => {
        if (left) return;
        left = true;
        inside -= 1;
        waiting.shift()?.();
      };
    },
  };
}

test('wherever the engine is killed, another one brings everything to the same end', async () => {
  const quiet = await live();
  expect(quiet.ending).toEqual(expected);
  const places = inGoodOrder(quiet.life.passed);
  // the ledger's and the queue's writes, and the calls: none is left out
  expect(quiet.life.passed).toEqual(expect.arrayContaining(mustPass));

  const unlike: unknown[] = [];
  const survived: Place[] = [];
  const room = createRoom(atOnce);
  await Promise.all(
    places.map(async (place) => {
      const leave = await room.enter();
      try {
        const { life, ending } = await live(place, leave);
        if (!life.killed()) survived.push(place);
        expect(ending).toEqual(expected);
      } catch (error) {
        unlike.push({ ...place, error: String(error) });
      } finally {
        leave();
      }
    }),
  );
  expect(unlike).toEqual([]);
  // how often something is looked at depends on the time it takes
  expect(survived.length, JSON.stringify(survived)).toBeLessThan(places.length / 10);
}, 400_000);
