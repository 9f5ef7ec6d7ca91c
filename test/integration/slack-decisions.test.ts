import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { ana, eve, openDoors } from '../support/slack-doors.js';

/* What people do in Slack, over both ways that Slack has to bring it. */
describe.each(['http', 'socket'] as const)('over the door %s', (door) => {
  test('a click of somebody who may decide counts, and the record says who', async () => {
    const doors = await openDoors(door, {
      approvers: { users: [], groups: ['S1'] },
      groups: [{ id: 'S1', users: [ana.id] }],
    });
    const { id, ts } = await doors.ask();
    expect(await doors.click(ts, 'approve')).toMatchObject({ status: 200, body: '' });
    expect(await doors.read(id)).toMatchObject({
      state: 'answered',
      answer: { choiceId: 'approve', by: 'ana (U1)' },
    });
    expect(doors.sim.ephemerals).toEqual([]);
  });

  test('a click on Cancel run cancels the run of the message, once, and only for who may decide', async () => {
    const doors = await openDoors(door, { approvers: { users: [ana.id], groups: [] } });
    const { id, ts } = await doors.ask('planning');
    const runId = (await doors.read(id)).runId ?? '';
    await doors.click(ts, 'cancel_run', eve);
    expect(await doors.told()).toEqual([
      expect.stringMatching(/^U3: Your click changed nothing: only approvers may/),
    ]);
    expect((await doors.ledger.run(runId))?.value.cancelled).toBeUndefined();
    await doors.click(ts, 'cancel_run');
    expect((await doors.ledger.run(runId))?.value.cancelled).toMatchObject({ by: 'ana (U1)' });
    expect(doors.sim.ephemerals).toHaveLength(1);
    await doors.click(ts, 'cancel_run');
    expect(await doors.told(2)).toContainEqual(
      expect.stringMatching(/^U1: Your click came too late.* ana \(U1\) cancelled the run at /),
    );
  });

  test('who may not decide is told so privately, nothing happens, and the refusal is recorded', async () => {
    const doors = await openDoors(door, { approvers: { users: [ana.id], groups: [] } });
    const { id, ts } = await doors.ask();
    expect((await doors.click(ts, 'approve', eve)).status).toBe(200);
    expect(await doors.told()).toEqual([
      expect.stringMatching(/^U3: Your click changed nothing: only approvers may.*U1/),
    ]);
    expect(await doors.read(id)).toMatchObject({ state: 'open', answer: null });
    expect(await doors.audited(id)).toEqual([
      expect.objectContaining({ event: 'refused', reason: 'not_allowed', by: 'eve (U3)' }),
    ]);
  });

  test('by a group that cannot be read nobody may decide, and is told why', async () => {
    const doors = await openDoors(door, {
      approvers: { users: [], groups: ['S1'] },
      groups: [{ id: 'S1', users: [ana.id] }],
      scopes: ['chat:write'],
    });
    const { id, ts } = await doors.ask();
    await doors.click(ts, 'approve');
    expect(await doors.told()).toEqual([expect.stringMatching(/^U1: .*S1: missing_scope/)]);
    expect((await doors.read(id)).state).toBe('open');
  });

  test('somebody of another workspace may not decide', async () => {
    const doors = await openDoors(door);
    const { id, ts } = await doors.ask();
    await doors.click(ts, 'approve', { ...ana, teamId: 'T9OTHER' });
    expect(await doors.told()).toEqual([expect.stringContaining('the workspace T9OTHER')]);
    expect((await doors.read(id)).state).toBe('open');
  });

  test('of two clicks at once one counts, and the other one is told who was first', async () => {
    const doors = await openDoors(door);
    const { id, ts } = await doors.ask();
    await Promise.all([doors.click(ts, 'approve'), doors.click(ts, 'approve', eve)]);
    const { answer } = await doors.read(id);
    const loser = answer?.by === 'ana (U1)' ? 'U3' : 'U1';
    const [told] = await doors.told();
    expect(told).toContain(
      `${loser}: Your click came too late and changed nothing. ${answer?.by} chose`,
    );
    expect(await doors.audited(id)).toHaveLength(1);
  });

  test('a late click, also after the question was withdrawn, gets a clear answer', async () => {
    const doors = await openDoors(door);
    const { id, ts } = await doors.ask();
    const stored = await doors.ledger.escalation(id);
    if (stored === null) throw new Error('there is no escalation');
    const withdrawn = { ...stored.value, state: 'withdrawn' as const, endedAtMs: Date.now() };
    const { writes } = doors.ledger.saveEscalation(stored, withdrawn, null);
    await doors.ledger.commit({ checks: [], writes, nowMs: Date.now() });
    await doors.click(ts, 'deny');
    expect(await doors.told()).toEqual([
      expect.stringMatching(/^U1: Your click came too late.*withdrew/),
    ]);
  });

  test('a no with a reason is asked for in a form, and the reason is kept', async () => {
    const doors = await openDoors(door);
    const { id, ts } = await doors.ask();
    await doors.click(ts, 'deny_with_reason');
    const [form] = doors.sim.forms;
    if (form === undefined) throw new Error('no form was opened');
    expect((await doors.read(id)).state).toBe('open');

    const typed = { reason: 'a sale begins' };
    expect(await doors.sim.submit({ form, typed, ...doors.way })).toMatchObject({ body: '' });
    expect(doors.sim.forms).toEqual([]);
    expect((await doors.read(id)).answer).toMatchObject({
      choiceId: 'deny',
      by: 'ana (U1)',
      comment: 'a sale begins',
    });
    expect(await doors.audited(id)).toEqual([
      expect.objectContaining({ event: 'answered', detail: 'Deny: a sale begins' }),
    ]);
  });

  test('a form that is submitted too late, or by somebody who may not, says so in its place', async () => {
    const doors = await openDoors(door, { approvers: { users: [ana.id], groups: [] } });
    const { id, ts } = await doors.ask();
    await doors.click(ts, 'deny_with_reason', eve);
    await doors.click(ts, 'deny_with_reason');
    const [ofEve, ofAna] = doors.sim.forms;
    if (ofEve === undefined || ofAna === undefined) throw new Error('no forms were opened');
    const typed = { reason: 'no' };
    await doors.sim.submit({ form: ofEve, typed, ...doors.way });
    expect(JSON.stringify(doors.sim.forms.at(-1)?.view)).toContain('only approvers');
    expect((await doors.read(id)).state).toBe('open');

    await doors.click(ts, 'approve');
    await doors.sim.submit({ form: ofAna, typed, ...doors.way });
    expect(JSON.stringify(doors.sim.forms.at(-1)?.view)).toContain('came too late');
    expect((await doors.read(id)).answer?.choiceId).toBe('approve');
  });

  test('a form that Slack does not open any more decides nothing, and the person is told', async () => {
    const doors = await openDoors(door);
    const { id, ts } = await doors.ask();
    doors.sim.failNext({ method: 'views.open', error: 'expired_trigger_id' });
    await doors.click(ts, 'deny_with_reason');
    expect(await doors.told()).toEqual([
      expect.stringMatching(/^U1: .*nothing was decided.*expired_trigger_id/),
    ]);
    expect((await doors.read(id)).state).toBe('open');
  });

  test('why it was asked is told to whoever asks, and to nobody of another workspace', async () => {
    const doors = await openDoors(door);
    const { ts } = await doors.ask();
    await doors.click(ts, 'why', eve);
    expect(await doors.told()).toEqual([
      expect.stringMatching(/^U3: Jidoka no longer has this question/),
    ]);
    await doors.click(ts, 'why', { ...eve, teamId: 'T9OTHER' });
    expect((await doors.told(2))[1]).toMatch(/^U3: Jidoka does not show this: .*T9OTHER/);
  });

  test('a click on the link to the runbook is acknowledged and asks nothing of us', async () => {
    const doors = await openDoors(door);
    const { ts } = await doors.ask();
    expect(await doors.click(ts, 'open_runbook')).toMatchObject({ status: 200, body: '' });
    expect(doors.given).toEqual([]);
  });
});

test('what is not signed by Slack decides nothing', async () => {
  const doors = await openDoors('http');
  const { id, ts } = await doors.ask();
  const forge = { signature: 'v0=00' };
  const click = { channel: 'C1', ts, actionId: 'approve', user: ana, forge };
  expect((await doors.sim.click({ ...click, ...doors.way })).status).toBe(401);
  expect((await doors.read(id)).state).toBe('open');
});

describe('the socket', () => {
  test.each(['drop', 'refresh'] as const)(
    'is there again by itself after a %s, and no click is lost meanwhile',
    async (how) => {
      const doors = await openDoors('socket');
      const { id, ts } = await doors.ask();
      doors.sim.socket[how]();
      await eventually(
        'the connection ends',
        async () => doors.sim.socket.connections(),
        (n) => n === 0,
      );
      expect(await doors.click(ts, 'approve')).toMatchObject({ status: 200 });
      expect((await doors.read(id)).answer?.by).toBe('ana (U1)');
      expect(doors.socket.state()).toEqual({ ok: true, detail: 'connected' });
      expect(doors.sim.ephemerals).toEqual([]);
    },
  );

  test('answers a click again whose acknowledgement was lost, and does it once', async () => {
    const doors = await openDoors('socket');
    const { id, ts } = await doors.ask();
    doors.sim.socket.loseAcknowledgements(1);
    await doors.click(ts, 'approve');
    expect(doors.given).toHaveLength(1);
    expect(await doors.audited(id)).toHaveLength(1);
    expect(doors.sim.ephemerals).toEqual([]);
    expect(doors.sim.socket.faults).toEqual([]);
  });

  test('that Slack does not let in says why, never with its token, and does not storm', async () => {
    const doors = await openDoors('http');
    doors.sim.failNext({ method: 'apps.connections.open', error: 'invalid_auth' });
    doors.socket.start();
    await eventually(
      'a line',
      async () => doors.logged.length,
      (count) => count > 0,
    );
    expect(doors.socket.state()).toMatchObject({
      ok: false,
      detail: expect.stringContaining('invalid_auth'),
    });
    await eventually('a later try', async () => doors.socket.state().ok, Boolean);
    expect(doors.sim.calls.filter((call) => call === 'apps.connections.open')).toHaveLength(2);
    await doors.socket.stop();
    expect(doors.logged.join()).not.toMatch(/xapp-|ticket/);
  });

  test('that is stopped stays closed', async () => {
    const doors = await openDoors('socket');
    await doors.socket.stop();
    await eventually(
      'it is closed',
      async () => doors.sim.socket.connections(),
      (n) => n === 0,
    );
    const calls = doors.sim.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(doors.sim.calls).toHaveLength(calls);
  });
});
