import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '../../../src/escalation/person.js';
import type { Approvers } from '../../../src/playbook/approvers.js';
import { identity } from '../../../src/sim/slack/identity.js';
import type { SlackGroup } from '../../../src/sim/slack/usergroups.js';
import { createSlackSim, type SlackSim } from '../../../src/sim/slack.js';
import { createDeciders } from '../../../src/slack/deciders.js';
import { createSlackPeople } from '../../../src/slack/people.js';
import { createManualClock } from '../sim/manual-clock.js';

const botToken = 'xoxb-test';
const ana = { via: 'slack', id: 'U1', team: identity.teamId, name: 'ana' } as const;
const bo: Person = { ...ana, id: 'U2', name: 'bo' };
const guest: Person = { ...ana, id: 'U9', team: 'T9OTHER' };

const minute = 60_000;
const groups: SlackGroup[] = [];
const clock = createManualClock();
let sim: SlackSim;

beforeEach(async () => {
  groups.splice(0, groups.length, { id: 'S1', users: ['U1'] }, { id: 'S2', users: ['U2'] });
});
afterEach(() => sim.stop());

async function start(
  approvers: Approvers | undefined,
  { scopes = ['chat:write', 'usergroups:read'], timeoutMs = 5_000 } = {},
) {
  const channels = [{ id: 'C1', name: 'alerts' }];
  sim = createSlackSim({ botToken, scopes, signingSecret: 's', channels, groups, clock });
  await sim.start();
  const slack = createSlackPeople({ botToken, apiUrl: sim.apiUrl(), timeoutMs });
  return createDeciders({ approversOf: () => approvers, slack, clock }).mayDecide;
}

const groupCalls = () => sim.calls.filter((call) => call === 'usergroups.users.list').length;

describe('without approvers', () => {
  it('everybody of the workspace may decide', async () => {
    const mayDecide = await start(undefined);
    expect(await mayDecide(bo, null)).toEqual({ allowed: true });
    expect(groupCalls()).toBe(0);
  });

  it.each([
    ['of another workspace', guest, /workspace T9OTHER.*as T9OTHER\/U9/],
    ['of a workspace that is not named', { ...ana, team: undefined }, /an unnamed workspace/],
  ])('nobody %s may', async (_, person, why) => {
    const mayDecide = await start(undefined);
    expect(await mayDecide(person, null)).toEqual({
      allowed: false,
      why: expect.stringMatching(why),
    });
  });

  it('nobody may while it cannot be told which workspace is ours', async () => {
    const mayDecide = await start(undefined);
    sim.failNext({ method: 'auth.test', error: 'internal_error' });
    const refused = { allowed: false, why: expect.stringContaining('could not compare') };
    expect(await mayDecide(ana, null)).toEqual(refused);
    expect(await mayDecide(ana, null)).toEqual({ allowed: true });
  });

  it('nobody in Slack may without a bot token', async () => {
    await start(undefined);
    const { mayDecide } = createDeciders({ approversOf: () => undefined, slack: undefined, clock });
    const why = expect.stringContaining('SLACK_BOT_TOKEN');
    expect(await mayDecide(ana, null)).toEqual({ allowed: false, why });
  });
});

describe('with approvers', () => {
  it('they may, by their own id or by a group; others are told who may', async () => {
    const mayDecide = await start({ users: ['U1'], groups: ['S2'] });
    expect(await mayDecide(ana, null)).toEqual({ allowed: true });
    expect(await mayDecide(bo, null)).toEqual({ allowed: true });
    expect(await mayDecide({ ...ana, id: 'U3' }, null)).toEqual({
      allowed: false,
      why: 'only approvers may decide this, and you (U3) are not one. They are S2, U1 (approvers in policy.yaml).',
    });
  });

  it('somebody of another workspace may who is named with it, and nobody else from there', async () => {
    const mayDecide = await start({ users: ['T9OTHER/U9', 'U8'], groups: ['S1'] });
    expect(await mayDecide(guest, null)).toEqual({ allowed: true });
    expect((await mayDecide({ ...ana, id: 'U8', team: 'T9OTHER' }, null)).allowed).toBe(false);
    expect((await mayDecide({ ...ana, id: 'U1', team: 'T9OTHER' }, null)).allowed).toBe(false);
  });

  it('whoever is signed in elsewhere may', async () => {
    const mayDecide = await start({ users: ['U1'], groups: [] });
    expect(await mayDecide({ via: 'console', name: 'eve' }, null)).toEqual({ allowed: true });
    expect(await mayDecide({ via: 'api', name: 'eve' }, null)).toEqual({ allowed: true });
    expect(sim.calls).toEqual([]);
  });

  it('the playbook is asked about by its name', async () => {
    const own: Approvers = { users: ['U2'], groups: [] };
    await start(undefined);
    const slack = createSlackPeople({ botToken, apiUrl: sim.apiUrl(), timeoutMs: 5_000 });
    const approversOf = (playbook: string | null) => (playbook === 'pay' ? own : undefined);
    const { mayDecide } = createDeciders({ approversOf, slack, clock });
    expect((await mayDecide(ana, 'pay')).allowed).toBe(false);
    expect((await mayDecide(ana, 'web')).allowed).toBe(true);
  });
});

describe('a group', () => {
  const byGroup: Approvers = { users: [], groups: ['S1'] };

  it('is not read again for a minute, and a change takes effect after that', async () => {
    const mayDecide = await start(byGroup);
    await Promise.all([mayDecide(ana, null), mayDecide(bo, null)]);
    expect(groupCalls()).toBe(1);
    groups[0] = { id: 'S1', users: ['U2'] };
    expect((await mayDecide(bo, null)).allowed).toBe(false);
    clock.advance(minute);
    expect((await mayDecide(bo, null)).allowed).toBe(true);
    expect((await mayDecide(ana, null)).allowed).toBe(false);
  });

  it('counts as it was for ten minutes while Slack is away, and for nobody after that', async () => {
    const mayDecide = await start(byGroup);
    await mayDecide(ana, null);
    for (const [passMs, allowed] of [
      [5 * minute, true],
      [5 * minute, true],
      [1, false],
    ] as const) {
      clock.advance(passMs);
      sim.failNext({ method: 'usergroups.users.list', error: 'internal_error' });
      expect((await mayDecide(ana, null)).allowed).toBe(allowed);
    }
    expect((await mayDecide(ana, null)).allowed).toBe(true);
  });

  it.each(['missing_scope', 'no_such_subteam', 'plan_upgrade_required'])(
    'that Slack refuses to show (%s) counts for nobody at once, and the error is told',
    async (error) => {
      const mayDecide = await start(byGroup);
      await mayDecide(ana, null);
      clock.advance(minute);
      sim.failNext({ method: 'usergroups.users.list', error });
      expect(await mayDecide(ana, null)).toEqual({
        allowed: false,
        why: expect.stringMatching(
          `could not read a group of approvers: .*S1: ${error}.*this group may not decide`,
        ),
      });
    },
  );

  it('cannot be read without the scope usergroups:read', async () => {
    const mayDecide = await start(byGroup, { scopes: ['chat:write'] });
    const why = expect.stringContaining('missing_scope');
    expect(await mayDecide(ana, null)).toEqual({ allowed: false, why });
  });

  it('that cannot be read takes nothing from who is in another one', async () => {
    const mayDecide = await start({ users: [], groups: ['S404', 'S1'] });
    expect((await mayDecide(ana, null)).allowed).toBe(true);
    expect((await mayDecide(bo, null)).allowed).toBe(false);
  });

  it('that is switched off counts for nobody', async () => {
    groups[0] = { id: 'S1', users: ['U1'], disabled: true };
    const mayDecide = await start(byGroup);
    expect((await mayDecide(ana, null)).allowed).toBe(false);
  });
});
