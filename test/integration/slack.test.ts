import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseClick } from '../../src/escalation/click.js';
import type { Slack } from '../../src/slack/client.js';
import { type SlackBench, startSlackBench } from '../support/slack.js';

const second = 1_000;
let bench: SlackBench;
beforeEach(async () => {
  bench = await startSlackBench();
});
afterEach(() => bench.stop());

describe('an alert that nobody takes', () => {
  test('is posted with its buttons, which carry ids only, and is remembered as posted', async () => {
    const id = await bench.open();
    await bench.messenger().bringUpToDate(id);

    const [message, ...others] = bench.sim.messages('alerts');
    expect(others).toEqual([]);
    expect(message?.text).toBe('Needs attention: QueueFull: orders');
    expect(bench.buttons().map(({ value }) => parseClick(String(value)))).toEqual([
      { escalationId: id, choiceId: 'up' },
      { escalationId: id, choiceId: 'ack' },
      { escalationId: id, choiceId: 'dismiss' },
      { escalationId: id, choiceId: 'why' },
      null,
    ]);
    expect(await bench.read(id)).toMatchObject({
      choices: [{ id: 'up' }, { id: 'ack' }, { id: 'dismiss' }],
      posted: { channel: 'C1', ts: message?.ts },
    });
    expect(await bench.dueAtMs(id)).toBeNull();
    expect(await bench.count('sent')).toBe(1);
  });

  test('gets its message edited when somebody answers, and again when something came of it', async () => {
    const id = await bench.open();
    const messenger = bench.messenger();
    await messenger.bringUpToDate(id);
    expect(await bench.answer(id, 'up')).toMatchObject({ kind: 'accepted' });
    await bench.pass(second);

    expect(bench.buttons()).toMatchObject([{ action_id: 'cancel_run' }]);
    expect(bench.sim.messages('alerts')[0]?.text).toBe('In progress: QueueFull: orders');
    expect(bench.said()).toContain('*Ada* chose *Scale orders 2 → 3*');

    await bench.endRun(id);
    await bench.pass(second);
    expect(bench.said()).toContain('Done: the alerts resolved.');
    expect(bench.sim.messages('alerts')).toHaveLength(1);
  });

  test('is not sent again when there is nothing new to show', async () => {
    const id = await bench.open();
    const messenger = bench.messenger();
    await messenger.bringUpToDate(id);
    await bench.ledger.redis.zadd(bench.ledger.keys.schedule, bench.clock.now(), `message:${id}`);
    await messenger.bringUpToDate(id);
    await messenger.bringUpToDate(id);
    expect(bench.sim.calls).toEqual(['chat.postMessage']);
    expect(await bench.dueAtMs(id)).toBeNull();
  });

  test('waits until it is due', async () => {
    const id = await bench.open();
    await bench.ledger.redis.zadd(
      bench.ledger.keys.schedule,
      bench.clock.now() + 1,
      `message:${id}`,
    );
    await bench.messenger().bringUpToDate(id);
    expect(bench.sim.calls).toEqual([]);
    bench.clock.advance(1);
    await bench.messenger().bringUpToDate(id);
    expect(bench.sim.messages('alerts')).toHaveLength(1);
  });

  test('is posted once, however many messengers look at it at the same time', async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => bench.open()));
    const messengers = Array.from({ length: 6 }, () =>
      bench.messenger({ ledger: bench.connect() }),
    );
    await Promise.all(
      ids.flatMap((id) => messengers.map((messenger) => messenger.bringUpToDate(id))),
    );
    for (let round = 0; round < 10; round += 1) {
      bench.clock.advance(second);
      const due = await bench.owed(bench.clock.now());
      await Promise.all(
        due.flatMap(({ item }) => messengers.map((messenger) => messenger.look(item))),
      );
    }
    expect(bench.sim.messages('alerts')).toHaveLength(5);
    for (const id of ids) expect(await bench.dueAtMs(id)).toBeNull();
  });

  test('shows an answer that came while it was being posted', async () => {
    const id = await bench.open();
    const slow: Slack = {
      ...bench.slack,
      async post(message) {
        const posted = await bench.slack.post(message);
        await bench.answer(id, 'ack');
        await bench.messenger().bringUpToDate(id);
        return posted;
      },
    };
    await bench.messenger({ slack: slow }).bringUpToDate(id);
    await bench.pass(second);
    expect(bench.sim.messages('alerts')).toHaveLength(1);
    expect(bench.said()).toContain('*Ada* chose *Acknowledge*');
    expect(bench.buttons()).toEqual([]);
    expect(await bench.dueAtMs(id)).toBeNull();
  });

  test('shows what came of a run while its message was being edited', async () => {
    const id = await bench.open();
    await bench.messenger().bringUpToDate(id);
    await bench.answer(id, 'up');
    let updates = 0;
    const slow: Slack = {
      ...bench.slack,
      async update(message) {
        updates += 1;
        if (updates === 1) await bench.endRun(id);
        return bench.slack.update(message);
      },
    };
    await bench.pass(5 * second, bench.messenger({ slack: slow }));
    expect(updates).toBe(2);
    expect(bench.said()).toContain('Done: the alerts resolved.');
    expect(await bench.dueAtMs(id)).toBeNull();
  });

  test('counts an alert that joined while it was being posted', async () => {
    const id = await bench.open();
    const joining: Slack = {
      ...bench.slack,
      async post(message) {
        const writes = bench.ledger.joinCase(id, 'another');
        await bench.ledger.commit({ checks: [], writes, nowMs: bench.clock.now() });
        return bench.slack.post(message);
      },
    };
    await bench.messenger({ slack: joining }).bringUpToDate(id);
    expect(await bench.dueAtMs(id)).not.toBeNull();
    await bench.pass(5 * second);
    expect(bench.said()).toContain('2 alerts, 2 still fire');
    expect(await bench.dueAtMs(id)).toBeNull();
  });

  test('is posted anew when its message was deleted and still nobody has answered', async () => {
    const id = await bench.open();
    await bench.messenger().bringUpToDate(id);
    await bench.ledger.commit({
      checks: [],
      writes: [
        ...bench.ledger.joinCase(id, 'another'),
        ['ZADD', bench.ledger.keys.schedule, bench.clock.now(), `message:${id}`],
      ],
      nowMs: bench.clock.now(),
    });
    bench.sim.failNext({ method: 'chat.update', error: 'message_not_found' });
    await bench.pass(5 * second);
    expect(bench.sim.calls).toEqual(['chat.postMessage', 'chat.update', 'chat.postMessage']);
    expect((await bench.read(id)).posted?.ts).toBe(bench.sim.messages('alerts')[1]?.ts);
  });

  test('reaches people with what is left to choose where suggestions cannot be worked out', async () => {
    const id = await bench.open();
    const suggest = () => Promise.reject(new RangeError('no size'));
    await bench.messenger({ suggest }).bringUpToDate(id);
    expect(bench.buttons().map(({ action_id }) => action_id)).toEqual([
      'ack',
      'dismiss',
      'why',
      'open_runbook',
    ]);
    expect(bench.said()).toContain('Jidoka could not suggest a change: no size.');
  });

  test('can be decided without Slack: its choices are there, and no message is owed', async () => {
    const id = await bench.open();
    await bench.messenger({ slack: undefined }).bringUpToDate(id);
    expect(bench.sim.calls).toEqual([]);
    expect(await bench.dueAtMs(id)).toBeNull();
    expect(await bench.answer(id, 'up')).toMatchObject({ kind: 'accepted' });
  });
});
