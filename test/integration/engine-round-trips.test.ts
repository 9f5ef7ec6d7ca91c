import { afterEach, expect, test, vi } from 'vitest';
import { type Bench, scaleUp, startBench } from '../support/engine.js';

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

test('one alert is changed about after eight round trips, each for what is not known before', async () => {
  bench = await startBench({ playbooks: [scaleUp] });
  for (const name of ['web', 'api']) bench.targets.add(name, 2);
  // so that Redis has the script
  await bench.take([{ labels: { alertname: 'Slow', service: 'api' } }]);
  const trips = watchCommands();
  let tripsBefore: string[][] = [];
  bench.targets.duringApply(async () => {
    tripsBefore = [...trips];
  });
  await bench.take([{ labels: { alertname: 'Slow', service: 'web' } }]);
  expect(tripsBefore).toEqual([
    ['smismember', 'hmget'], // the episode
    ['evalsha'], // opened
    ['hmget'], // breakers, asked while the target is read
    ['mget'], // a run to join, and when the target was changed last
    ['evalsha'], // admitted
    ['hmget', 'scard', 'sintercard', 'hget'], // the run and its case
    ['get'], // when the target was changed last
    ['evalsha'], // the intention
  ]);
  expect(bench.targets.effects).toEqual(['api: 2 → 3', 'web: 2 → 3']);
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
