import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Bench, calling, scaleUp, startBench } from '../support/engine.js';

let bench: Bench;
afterEach(async () => {
  vi.restoreAllMocks();
  await bench.stop();
});

/** The commands that go to Redis from now on; what is sent in one turn is one round trip. */
function watchCommands() {
  const trips: string[][] = [];
  let isOpen = false;
  const { redis } = bench;
  const send = redis.sendCommand.bind(redis);
  vi.spyOn(redis, 'sendCommand').mockImplementation((command, stream) => {
    if (!isOpen) {
      trips.push([]);
      isOpen = true;
      setImmediate(() => {
        isOpen = false;
      });
    }
    trips.at(-1)?.push(command.name);
    return send(command, stream);
  });
  return trips;
}

const many = (alertname: string) =>
  bench.notification(
    Array.from({ length: 20 }, (_, index) => ({ labels: { alertname, service: `s${index}` } })),
  );

/** The round trips from taking in an alert to the change that is made about it. */
async function tripsToChange(): Promise<string[][]> {
  for (const name of ['web', 'api']) bench.targets.add(name, 2);
  // so that Redis has the script
  await bench.take([{ labels: { alertname: 'Slow', service: 'api' } }]);
  const trips = watchCommands();
  let tripsBefore: string[][] = [];
  bench.targets.duringApply(async () => {
    tripsBefore = [...trips];
  });
  await bench.take([{ labels: { alertname: 'Slow', service: 'web' } }]);
  expect(bench.targets.effects).toEqual(['api: 2 → 3', 'web: 2 → 3']);
  return tripsBefore;
}

describe('one alert is changed about after', () => {
  test('three round trips, one of them a write, where there is nothing to look at', async () => {
    bench = await startBench({ playbooks: [calling(scaleUp)] });
    expect(await tripsToChange()).toEqual([
      ['smismember', 'hmget'], // the episode
      ['mget'], // a run to join, and when the target was changed last
      ['evalsha'], // opened, decided, admitted and intended
    ]);
  });

  test('five, two of them writes, where the target refuses what is out of date', async () => {
    bench = await startBench({ playbooks: [scaleUp], fenced: true });
    expect(await tripsToChange()).toEqual([
      ['smismember', 'hmget'], // the episode
      ['evalsha'], // opened
      ['hmget'], // breakers, asked while the target is read
      ['mget'], // a run to join, and when the target was changed last
      ['evalsha'], // admitted and intended
    ]);
  });

  test('eight where it has to be read again under its lock', async () => {
    bench = await startBench({ playbooks: [scaleUp] });
    expect(await tripsToChange()).toEqual([
      ['smismember', 'hmget'], // the episode
      ['evalsha'], // opened
      ['hmget'], // breakers, asked while the target is read
      ['mget'], // a run to join, and when the target was changed last
      ['evalsha'], // admitted
      ['hmget', 'scard', 'sintercard', 'hget'], // the run and its case
      ['get'], // when the target was changed last
      ['evalsha'], // the intention
    ]);
  });
});

test('twenty alerts that no playbook takes are opened, decided and reported by a script or a few', async () => {
  bench = await startBench({ playbooks: [scaleUp] });
  await bench.take([{ labels: { alertname: 'Other' } }]);
  const names = watchCommands();
  await bench.engine.take(many('Unknown'));
  const count = (name: string) => names.flat().filter((one) => one === name).length;
  expect([count('smismember'), count('hmget'), count('get')]).toEqual([1, 20, 20]);
  // those whose answers Redis gave at the same time go together
  expect(count('evalsha')).toBeLessThan(5);
});

test('twenty alerts that repeat cost two round trips', async () => {
  bench = await startBench({ playbooks: [scaleUp] });
  await bench.engine.take(many('Unknown'));
  const trips = watchCommands();
  await bench.engine.take(many('Unknown'));
  expect(trips.map(({ length }) => length)).toEqual([21, 1]);
});

test('as many notifications that are taken in together cost no more', async () => {
  bench = await startBench({ playbooks: [scaleUp] });
  const each = Array.from({ length: 20 }, (_, index) =>
    bench.notification([{ labels: { alertname: 'Unknown', service: `s${index}` } }]),
  );
  await bench.engine.takeAll(each);
  const trips = watchCommands();
  await bench.engine.takeAll([...each, ...each]);
  expect(trips.map(({ length }) => length)).toEqual([21, 1]);
});
