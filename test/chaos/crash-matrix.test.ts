import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLedger } from '../../src/ledger/ledger.js';
import { createLogger } from '../../src/lib/logger.js';
import { createQueues } from '../../src/queue/queues.js';
import { createSwarmSim, type SwarmSim } from '../../src/sim/swarm.js';
import { makeDir } from '../support/parts/place.js';
import { startRedis, type TestRedis } from '../support/parts/redis.js';
import type { Place } from './gate.js';
import { expectedJobEnding, jobPlaybook, jobs, playJobStory } from './job-story.js';
import { type Life, startLife } from './life.js';
import {
  cancelledEnding,
  cancelledPlaybook,
  expectedEnding,
  playbook,
  playCancelledStory,
  playStory,
} from './story.js';

/*
 * The engine is killed (SIGKILL) before and after each of its durable writes and each of its calls to
 * the Swarm, once each, and another one takes its place. A quiet run tells how many places there are.
 * Left out are the queues' own writes but for the intake: whatever a job is, it is on the schedule too.
 */

const atOnce = 6;
/** Ends what hangs; a slow machine takes several minutes. */
const limitMs = 1_800_000;
const swarm = createSwarmSim();
let server: TestRedis;
let redis: Redis;
let playbooks: string;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
  await swarm.start();
  playbooks = join(await makeDir('matrix'), 'playbooks');
  await mkdir(playbooks);
  await writeFile(join(playbooks, 'add.yaml'), playbook);
  await writeFile(join(playbooks, 'hold.yaml'), cancelledPlaybook);
  await writeFile(join(playbooks, 'clean.yaml'), jobPlaybook);
  await writeFile(join(playbooks, 'jobs.yaml'), jobs);
  // the story begins while the engine starts
  await writeFile(join(playbooks, 'policy.yaml'), 'restore: { observe: 0 }\n');
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

/** Plays out a story, and returns what it comes to. */
type Play<Ending> = (life: Life, swarm: SwarmSim, name: string) => Promise<Ending>;

/** Plays a story with an engine that is killed at the place. */
async function live<Ending>(play: Play<Ending>, place?: Place, onDeath = () => {}) {
  const cell = `matrix-${randomUUID()}`;
  const redisPort = Number(new URL(server.url).port);
  const life = await startLife({ cell, redis, redisPort, swarm, playbooks, place });
  life.death.then(onDeath);
  try {
    return { life, ending: await play(life, swarm, cell.slice(-12)) };
  } finally {
    await life.stop();
  }
}

/** Some of the places that there have to be. */
const mustPass = [
  ...['episode opened 1', 'GET service 1', 'run admitted,run applying 1'],
  ...['POST update 1', 'run applied 1', 'GET tasks 1', 'run converged 1', 'run next_attempt 1'],
  ...['run applying 1', 'escalation opened,run ended 1', 'episode resolved 1'],
  ...['escalation opened,run ended 2', 'escalation answered 1', 'escalation withdrawn 1'],
  ...['episode opened,escalation opened,episode escalated 1'],
  ...['escalation answered,run started 1', 'run admitted 1', 'run applying 2', 'cell activated 1'],
];

/** Of the bookkeeping for messages, which has no audit record, only the first of each kind: they are all alike. */
const isOneOfMany = (name: string) => /^[A-Z]+(,[A-Z]+)* \d+$/.test(name) && !name.endsWith(' 1');

/** Marks that an engine sets on its own time, whether or not a story goes on: another time there may be none. */
const isOwnTime = (name: string) => /^SET(,SET)* \d+$/.test(name);

/** A read changes nothing: to die after it is to die before what follows. */
const sidesOf = (name: string): Place['side'][] =>
  name.startsWith('GET') ? ['before'] : ['before', 'after'];

/** Those first that take longest, because the intention's lease has to end. */
function inGoodOrder(passed: readonly string[]): Place[] {
  let leased = false;
  const places = passed
    .filter((name) => !isOneOfMany(name) && !isOwnTime(name))
    .map((name) => {
      leased ||= name.includes('run applying');
      const place = { name, leased };
      if (name.startsWith('run applied')) leased = false;
      return place;
    });
  return places
    .sort((a, b) => Number(b.leased) - Number(a.leased))
    .flatMap(({ name }) => sidesOf(name).map((side) => ({ name, side })));
}

/** Lets so many in at a time; whoever has left (which may be said twice) makes room for the next. */
function createBackpressure(size: number) {
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

/** Kills the engine at each place of a story, and compares what the story comes to. */
async function killEverywhere<Ending>(
  play: Play<Ending>,
  expected: Ending,
  placesOf: (passed: readonly string[]) => readonly Place[],
): Promise<void> {
  const quiet = await live(play);
  expect(quiet.ending).toEqual(expected);
  const places = placesOf(quiet.life.passed);
  const unlike: unknown[] = [];
  const survived: Place[] = [];
  const room = createBackpressure(atOnce);
  await Promise.all(
    places.map(async (place) => {
      const leave = await room.enter();
      try {
        const { life, ending } = await live(play, place, leave);
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
}

test(
  'wherever the engine is killed, another one brings everything to the same end',
  async () => {
    await killEverywhere(playStory, expectedEnding, (passed) => {
      // the ledger's writes, and the calls: none is left out; kills around the queue are the storm's
      expect(passed).toEqual(expect.arrayContaining(mustPass));
      return inGoodOrder(passed);
    });
  },
  limitMs,
);

/** The same of a run that is cancelled, whose change is undone then. */
const mustPassAfterCancel = [
  ...['run cancelled 1', 'escalation opened,run ended 1', 'escalation answered,run started 1'],
  ...['run admitted 1', 'run applying 1', 'POST update 2', 'run applied 2', 'run ended 1'],
];

test(
  'wherever the engine is killed around a cancel, the run sends no other change, and its change can be undone',
  async () => {
    await killEverywhere(playCancelledStory, cancelledEnding, (passed) => {
      // what comes before is like the other story
      const rest = passed.slice(passed.indexOf('run cancelled 1'));
      expect(rest).toEqual(expect.arrayContaining(mustPassAfterCancel));
      return inGoodOrder(rest);
    });
  },
  limitMs,
);

/**
 * The writes and changing calls around jobs: to die at a read is to die after the write before it. The second
 * job starts like the first one; what differs is how it ends.
 */
function aroundJobs(passed: readonly string[]): Place[] {
  const changes = (from: string, to: string) =>
    passed
      .slice(passed.indexOf(from), passed.indexOf(to) + 1)
      .filter((name) => !name.startsWith('GET') && !name.startsWith('run looked'));
  return inGoodOrder([
    ...changes('run applying 1', 'run applying 2'),
    ...changes('run ending 1', 'DELETE config 2'),
  ]);
}

/** The same of jobs: one that ends, and one that is ended at its time limit. */
const mustPassOfJobs = [
  ...['run applying 1', 'POST config 1', 'POST service 1', 'run applied 1', 'run converged 1'],
  ...[
    'DELETE service 1',
    'DELETE config 1',
    'run next_attempt 1',
    'run applying 2',
    'POST service 2',
  ],
  ...['run ending 1', 'POST update 1', 'escalation opened,run ended 1', 'DELETE service 2'],
];

test(
  'wherever the engine is killed around a job, each attempt has one container, and nothing is left',
  async () => {
    await killEverywhere(playJobStory, expectedJobEnding, (passed) => {
      expect(passed).toEqual(expect.arrayContaining(mustPassOfJobs));
      return aroundJobs(passed);
    });
  },
  limitMs,
);
