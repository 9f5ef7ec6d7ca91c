import { afterEach, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import { remindAt } from '../../src/engine/people/reminder.js';
import { handOver } from '../../src/escalation/choices.js';
import { createMessenger } from '../../src/slack/messenger.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';
import { countCommands } from '../support/redis-commands.js';

/* Runs that wait: what they cost meanwhile, and that none is forgotten when all fall due together. */

const minute = 60_000;
const ask = scaleUp
  .replace('name: scale-up', 'name: ask')
  .replace('"Slow"', '"Ask"')
  .replace('mode: auto', 'mode: approve');
const settling = scaleUp.replace('settle: 2m', 'settle: 1h\n    repeat: 2');

const policy = `
limits: { fleet: [10000 per 1m], playbook: [10000 per 1m], target: [10000 per 1m] }
blast_radius: { targets: 10000 per 1m }
`;

let bench: Bench;
afterEach(async () => {
  await bench.stop();
});

const services = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`);

/** Has alerts about so many services taken in, and what follows from them. */
async function take(alertname: string, count: number): Promise<void> {
  const labels = services(count).map((service) => ({ labels: { alertname, service } }));
  for (let first = 0; first < count; first += 20) {
    await bench.take(labels.slice(first, first + 20));
  }
}

/** Shows each question to people, who have no Slack. */
async function showQuestions(): Promise<void> {
  const messenger = createMessenger({
    ...bench.context(),
    slack: undefined,
    suggest: async () => ({ choices: handOver, note: null }),
    remindAt: (escalation) => remindAt(bench.context(), escalation, bench.clock.now()),
    defaultChannel: undefined,
  });
  for (const { item } of await bench.ledger.due(bench.clock.now(), 1_000)) {
    if (item.startsWith('message:')) await messenger.look(item);
  }
}

test('runs that settle or wait for a yes ask nothing of Redis while they wait', async () => {
  bench = await startBench({ playbooks: [settling, ask], policy, ownRedis: true });
  for (const name of services(40)) bench.targets.add(name, 2);
  const counter = await countCommands(bench.redis, bench.cell);
  try {
    const idle = await counter.during(() => bench.pass(20 * minute));
    await take('Slow', 40);
    await take('Ask', 40);
    await showQuestions();
    // until each has converged
    await bench.pass(minute);
    const states = (await bench.runs()).map(({ state }) => state);
    expect(states.filter((state) => state === 'settling')).toHaveLength(40);
    expect(states.filter((state) => state === 'awaiting_approval')).toHaveLength(40);
    expect(await counter.during(() => bench.pass(20 * minute))).toBe(idle);
  } finally {
    await counter.stop();
  }
});

test('a thousand runs that fall due together all go on, each once, with two engines at work', async () => {
  bench = await startBench({ playbooks: [settling], policy });
  for (const name of services(1_000)) bench.targets.add(name, 2);
  const labels = services(1_000).map((service) => ({ labels: { alertname: 'Slow', service } }));
  for (let first = 0; first < 1_000; first += 100) {
    await bench.engine.take(bench.notification(labels.slice(first, first + 100)));
  }
  await lookWith(bench.engine);
  const states = new Set((await bench.runs()).map(({ state }) => state));
  expect([...states]).toEqual(['settling']);

  // what would wake them is lost: the sweep has to find them all
  bench.wakes.length = 0;
  bench.clock.advance(61 * minute);
  await bench.engine.sweep();
  expect(bench.wakes).toHaveLength(1_000);
  await lookWith(bench.engine, bench.another());
  const second = bench.targets.effects.filter((effect) => effect.endsWith('3 → 4'));
  expect(second).toHaveLength(1_000);
  expect(new Set(second).size).toBe(1_000);
  expect(bench.targets.effects).toHaveLength(2_000);
});

/** Has each of these engines look at everything that is due, many items at a time. */
async function lookWith(...engines: Engine[]): Promise<void> {
  for (;;) {
    const due = bench.wakes.filter(({ atMs }) => atMs <= bench.clock.now()).slice(0, 50);
    if (due.length === 0) return;
    for (const one of due) bench.wakes.splice(bench.wakes.indexOf(one), 1);
    await Promise.all(due.flatMap(({ item }) => engines.map((engine) => engine.look(item))));
  }
}
