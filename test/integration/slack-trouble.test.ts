import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Escalation } from '../../src/ledger/escalation.js';
import type { Slack } from '../../src/slack/client.js';
import { SlackError } from '../../src/slack/error.js';
import { type SlackBench, startSlackBench } from '../support/slack.js';

let bench: SlackBench;
beforeEach(async () => {
  bench = await startSlackBench();
});
afterEach(() => bench.stop());

describe('a message that does not get through', () => {
  test('is sent when Slack is back, and holds up no other', async () => {
    const id = await bench.open();
    const messenger = bench.messenger();
    await bench.sim.stop();
    await messenger.bringUpToDate(id);
    const dueAtMs = (await bench.dueAtMs(id)) ?? 0;
    expect(dueAtMs).toBeGreaterThan(bench.clock.now());
    const { thread } = await bench.read(id);
    expect(bench.wakes).toEqual([{ item: `thread:${thread}`, atMs: dueAtMs }]);
    expect((await bench.read(id)).choices).toHaveLength(3);

    await bench.sim.start();
    const other = await bench.open();
    await bench.pass(1_500);
    expect((await bench.read(other)).posted).not.toBeNull();
    expect(bench.sim.messages('alerts')).toHaveLength(1);
    await bench.pass(10_000);
    expect(bench.sim.messages('alerts')).toHaveLength(2);
    expect(await bench.dueAtMs(id)).toBeNull();
    expect(await bench.count('failed')).toBe(1);
  });

  test('is tried less often the longer it fails, but at least every 90 seconds', async () => {
    const id = await bench.open();
    await bench.sim.stop();
    const delays: number[] = [];
    for (let count = 0; count < 8; count += 1) {
      await bench.messenger().bringUpToDate(id);
      const delayMs = ((await bench.dueAtMs(id)) ?? 0) - bench.clock.now();
      delays.push(delayMs);
      bench.clock.advance(delayMs);
    }
    expect(delays[0]).toBeLessThanOrEqual(3_000);
    expect(delays.at(-1)).toBeGreaterThan(10_000);
    expect(Math.max(...delays)).toBeLessThanOrEqual(90_000);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(2_000);
  });

  test('is tried not before Slack says so when there are too many', async () => {
    const id = await bench.open();
    bench.sim.failNext({ method: 'chat.postMessage', error: 'ratelimited' });
    await bench.messenger().bringUpToDate(id);
    const dueAtMs = (await bench.dueAtMs(id)) ?? 0;
    expect(dueAtMs).toBeGreaterThanOrEqual(bench.clock.now() + 1_000);

    bench.clock.advance(dueAtMs - bench.clock.now());
    const busy: Slack = {
      ...bench.slack,
      async post() {
        throw new SlackError('rate_limited', 'too many', { retryAfterMs: 45_000 });
      },
    };
    await bench.messenger({ slack: busy }).bringUpToDate(id);
    expect(await bench.dueAtMs(id)).toBeGreaterThanOrEqual(bench.clock.now() + 45_000);
    expect(bench.sim.messages('alerts')).toEqual([]);

    bench.clock.advance(45_000 * 1.5);
    await bench.messenger().bringUpToDate(id);
    expect(bench.sim.messages('alerts')).toHaveLength(1);
    expect(await bench.count('failed')).toBe(2);
  });

  test('is complained about once and tried again later where the channel is unknown', async () => {
    await bench.stop();
    bench = await startSlackBench({ channel: 'elsewhere' });
    const id = await bench.open();
    for (let count = 0; count < 3; count += 1) {
      await bench.messenger().bringUpToDate(id);
      expect(await bench.dueAtMs(id)).toBe(bench.clock.now() + 600_000);
      bench.clock.advance(600_000);
    }
    const complaints = bench.logged.filter(({ level }) => level === 50);
    expect(complaints).toHaveLength(1);
    expect(complaints[0]?.fault).toContain('channel_not_found');
    expect(await bench.count('refused')).toBe(3);

    await bench.messenger({ defaultChannel: '#elsewhere' }).bringUpToDate(id);
    expect(bench.sim.messages('elsewhere')).toHaveLength(1);
    expect(await bench.dueAtMs(id)).toBeNull();
  });

  test('says which variable to set where there is no channel at all', async () => {
    const id = await bench.open();
    await bench.messenger({ defaultChannel: undefined }).bringUpToDate(id);
    expect(bench.logged.at(-1)?.fault).toContain('set SLACK_CHANNEL');
    expect(await bench.dueAtMs(id)).toBe(bench.clock.now() + 600_000);
  });

  test("goes to the default channel where its playbook's cannot be posted to, and says so", async () => {
    const id = await bench.open({ channel: '#payments' });
    await bench.pass(5_000);
    expect(bench.sim.messages('alerts')).toHaveLength(1);
    expect(bench.said()).toContain('Meant for #payments, which Slack refused (channel_not_found).');
    await bench.answer(id, 'ack');
    await bench.pass(5_000);
    expect(bench.said()).toContain('Acknowledged');
    expect(bench.said()).toContain('Meant for #payments');
  });
});

describe('an escalation that ended while Slack was away', () => {
  type State = 'answered' | 'withdrawn' | 'expired';

  /** Opens one, fails to post it, ends it, and lets the messenger try again with Slack back. */
  async function ended(state: State, differences: Partial<Escalation> = {}): Promise<string> {
    const id = await bench.open(differences);
    await bench.sim.stop();
    await bench.messenger().bringUpToDate(id);
    const stored = await bench.ledger.escalation(id);
    if (stored === null) throw new Error('it is gone');
    const nowMs = bench.clock.now();
    const value = { ...stored.value, state, endedAtMs: nowMs };
    const { check, writes } = bench.ledger.saveEscalation(stored, value, nowMs);
    await bench.ledger.commit({ checks: [check], writes, nowMs });
    await bench.sim.start();
    await bench.pass(10_000);
    return id;
  }

  test.each(['answered', 'withdrawn'] as const)('and was %s is not posted', async (state) => {
    const id = await ended(state);
    expect(bench.sim.messages('alerts')).toEqual([]);
    expect(await bench.dueAtMs(id)).toBeNull();
  });

  test('because nobody answered in time is posted: nobody could have known', async () => {
    const id = await ended('expired');
    expect(bench.sim.messages('alerts')).toHaveLength(1);
    expect(await bench.dueAtMs(id)).toBeNull();
  });

  test('is posted all the same when the outcome of a change is not known', async () => {
    await ended('withdrawn', { kind: 'report', reason: 'unknown_outcome' });
    expect(bench.sim.messages('alerts')).toHaveLength(1);
  });
});
