import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../src/alert/alert.js';
import { close, type Episode, isUndecided, type Verdict } from '../../../src/ledger/episode.js';
import { type Delivery, type Effect, receive } from '../../../src/ledger/receive.js';

const delivery: Delivery = {
  identity: 'f00d',
  source: 'alertmanager',
  groupKey: 'group',
  externalUrl: '',
  receivedAtMs: 1_000,
  nowMs: 1_000,
};

function alert(fields: Partial<Alert>): Alert {
  return {
    status: 'firing',
    labels: { alertname: 'Slow' },
    annotations: {},
    startsAtMs: 10,
    endsAtMs: null,
    generatorUrl: '',
    fingerprint: 'a',
    ...fields,
  };
}

const firing = (startsAtMs: number, fingerprint = 'a') => alert({ startsAtMs, fingerprint });
const resolved = (startsAtMs: number, endsAtMs: number, fingerprint = 'a') =>
  alert({ status: 'resolved', startsAtMs, endsAtMs, fingerprint });

/** Delivers alerts in order; gives back the last episode and every effect. */
function deliver(alerts: readonly Alert[], from: Episode | null = null) {
  const effects: Effect[] = [];
  let episode = from;
  for (const [index, each] of alerts.entries()) {
    const taken = receive(episode, each, {
      ...delivery,
      receivedAtMs: 1_000 + index,
      nowMs: 1_000 + index,
    });
    episode = taken.episode;
    effects.push(taken.effect);
  }
  if (episode === null) throw new Error('nothing was delivered');
  return { episode, effects };
}

/** An episode whose playbook has had its run. */
function spentEpisode(): Episode {
  const verdict: Verdict = { playbook: 'p', fate: 'run', reason: 'matched', detail: '', atMs: 1 };
  const { episode } = deliver([firing(10)]);
  return { ...episode, verdicts: [verdict], spent: ['p'], cases: ['c'] };
}

describe('a first delivery', () => {
  test('opens an episode with what the alert says', () => {
    const { episode, effects } = deliver([firing(10)]);
    expect(effects).toEqual(['opened']);
    expect(episode).toMatchObject({
      id: 'f00d-1',
      state: 'open',
      labels: { alertname: 'Slow' },
      members: { a: 10 },
      openedAtMs: 1_000,
      closedAtMs: null,
      deliveries: 1,
      spent: [],
    });
  });

  test('that says resolved opens nothing, and is remembered', () => {
    const { episode, effects } = deliver([resolved(10, 20)]);
    expect(effects).toEqual(['resolved_before']);
    expect(episode).toMatchObject({ state: 'closed', members: {}, endsAtMs: 20 });
    expect(isUndecided(episode)).toBe(false);
  });
});

describe('repeats', () => {
  test('of a firing are counted and change nothing else', () => {
    const before = spentEpisode();
    const { episode, effects } = deliver([firing(10), firing(10), firing(10)], before);
    expect(effects).toEqual(['repeated', 'repeated', 'repeated']);
    expect(episode).toEqual({ ...before, deliveries: 4, lastSeenAtMs: 1_002 });
  });

  test('bring the annotations up to date, which templates may change', () => {
    const { episode } = deliver([firing(10), alert({ annotations: { value: '7' } })]);
    expect(episode.annotations).toEqual({ value: '7' });
  });

  test('of a resolved close only once', () => {
    const { episode, effects } = deliver([firing(10), resolved(10, 20), resolved(10, 20)]);
    expect(effects).toEqual(['opened', 'resolved', 'resolved_before']);
    expect(episode).toMatchObject({ state: 'closed', closedAtMs: 1_001, deliveries: 3 });
  });

  test('from an Alertmanager that restarted and tells another start are the same episode', () => {
    const { episode, effects } = deliver([firing(10), firing(15), firing(12)]);
    expect(effects).toEqual(['opened', 'repeated', 'repeated']);
    expect(episode).toMatchObject({ id: 'f00d-1', members: { a: 15 } });
  });
});

describe('two Prometheus replicas, one identity', () => {
  test('are members of one episode, which closes when both have resolved', () => {
    const both = [firing(10, 'a'), firing(11, 'b')];
    const half = deliver([...both, resolved(10, 20, 'a')]);
    expect(half.effects).toEqual(['opened', 'repeated', 'partly_resolved']);
    expect(half.episode).toMatchObject({ state: 'open', members: { b: 11 } });

    const whole = deliver([resolved(11, 21, 'b')], half.episode);
    expect(whole.effects).toEqual(['resolved']);
    expect(whole.episode).toMatchObject({ state: 'closed', members: {}, endsAtMs: 21 });
  });

  test('resolve in any order and twice, and the latest end is kept', () => {
    const { episode, effects } = deliver([
      firing(10, 'a'),
      firing(11, 'b'),
      resolved(11, 25, 'b'),
      resolved(11, 25, 'b'),
      resolved(10, 20, 'a'),
    ]);
    expect(effects.slice(2)).toEqual(['partly_resolved', 'resolved_before', 'resolved']);
    expect(episode.endsAtMs).toBe(25);
  });

  test('a resolved of a replica that never fired closes nothing', () => {
    const { episode, effects } = deliver([firing(10, 'a'), resolved(10, 20, 'b')]);
    expect(effects).toEqual(['opened', 'resolved_before']);
    expect(episode).toMatchObject({ state: 'open', members: { a: 10 } });
  });
});

describe('late and early deliveries', () => {
  test('a firing that started before the last end reopens the episode with its spent budget', () => {
    const { episode, effects } = deliver([resolved(10, 20), firing(10)], spentEpisode());
    expect(effects).toEqual(['resolved', 'reopened']);
    expect(episode).toMatchObject({
      id: 'f00d-1',
      state: 'open',
      closedAtMs: null,
      spent: ['p'],
      cases: ['c'],
      verdicts: [],
    });
    expect(isUndecided(episode)).toBe(true);
  });

  test('a firing that started exactly at the last end reopens it', () => {
    expect(deliver([firing(10), resolved(10, 20), firing(20)]).effects[2]).toBe('reopened');
  });

  test('a firing that started after the last end is a new episode with a budget of its own', () => {
    const { episode, effects } = deliver([resolved(10, 20), firing(21)], spentEpisode());
    expect(effects).toEqual(['resolved', 'opened']);
    expect(episode).toMatchObject({
      id: 'f00d-2',
      spent: [],
      cases: [],
      members: { a: 21 },
      deliveries: 1,
      endsAtMs: null,
    });
  });

  test('an end that was reported late, by another member, moves the border', () => {
    const { effects } = deliver([firing(10), resolved(10, 20), resolved(10, 30), firing(25)]);
    expect(effects.slice(2)).toEqual(['resolved_before', 'reopened']);
  });

  test('a resolved of an earlier occurrence does not close the present one', () => {
    const { episode, effects } = deliver([
      firing(10),
      resolved(10, 20),
      firing(30),
      resolved(10, 20),
    ]);
    expect(effects).toEqual(['opened', 'resolved', 'opened', 'resolved_before']);
    expect(episode).toMatchObject({ id: 'f00d-2', state: 'open', members: { a: 30 } });
  });

  /** Takes what was received at a time, whenever that is. */
  const taken = (from: Episode | null, each: Alert, receivedAtMs: number) =>
    receive(from, each, { ...delivery, receivedAtMs, nowMs: 9_000 });

  test('a firing that was received before its resolved and is worked off after it changes nothing', () => {
    const closed = taken(taken(null, firing(10), 100).episode, resolved(10, 20), 200).episode;
    const late = taken(closed, firing(10), 150);
    expect(late.effect).toBe('overtaken');
    expect(late.episode).toMatchObject({ id: 'f00d-1', state: 'closed', deliveries: 3 });
    expect(taken(late.episode, firing(10), 250).effect).toBe('reopened');
    expect(taken(late.episode, firing(21), 150).effect).toBe('opened');
  });

  test('a resolved that is worked off first leaves nothing to its firing, which was received before it', () => {
    const { episode } = taken(null, resolved(10, 20), 200);
    expect(taken(episode, firing(10), 100)).toMatchObject({
      effect: 'overtaken',
      episode: { state: 'closed', verdicts: [{ fate: 'ignored', reason: 'resolved' }] },
    });
  });

  test('a resolved overtakes only the firing of its own replica, and in later episodes too', () => {
    const { episode: both } = deliver([firing(10, 'a'), firing(10, 'b')]);
    const one = taken(both, resolved(10, 20, 'a'), 5_000).episode;
    expect(taken(one, firing(10, 'a'), 4_000).effect).toBe('overtaken');
    expect(taken(one, firing(10, 'c'), 4_000).effect).toBe('repeated');
    const closed = taken(one, resolved(10, 30, 'b'), 6_000).episode;
    const next = taken(closed, firing(40, 'b'), 7_000).episode;
    expect(taken(next, firing(10, 'a'), 4_000).effect).toBe('overtaken');
    expect(taken(next, resolved(40, 50, 'b'), 8_000).effect).toBe('resolved');
    expect(taken(next, firing(10, 'c'), 4_000).effect).toBe('repeated');
  });

  test('the reception of a resolved is forgotten when no firing can be as late as that', () => {
    const hourMs = 3_600_000;
    const { episode: both } = deliver([firing(10, 'a'), firing(10, 'b')]);
    const one = taken(both, resolved(10, 20, 'a'), 5_000).episode;
    const closed = taken(one, resolved(10, 30, 'b'), 5_001 + hourMs).episode;
    expect(Object.keys(closed.ended)).toEqual(['b']);
  });

  test('a resolved that overtook its firing lets the firing reopen, which the next resolved closes', () => {
    const { episode, effects } = deliver([resolved(10, 20), firing(10), resolved(10, 20)]);
    expect(effects).toEqual(['resolved_before', 'reopened', 'resolved']);
    expect(episode).toMatchObject({ id: 'f00d-1', state: 'closed' });
  });

  test('an episode that was closed without a reported end is reopened by what started before it closed', () => {
    const { episode } = deliver([firing(10)]);
    const silent = close(episode, 5_000);
    expect(deliver([firing(10)], silent).effects).toEqual(['reopened']);
    expect(deliver([firing(5_001)], silent).effects).toEqual(['opened']);
  });
});

describe('an episode', () => {
  const verdict: Verdict = { playbook: 'p', fate: 'held', reason: 'limit', detail: '', atMs: 1 };
  const { episode } = deliver([firing(10)]);

  test('is owed a decision until it has a verdict', () => {
    expect(isUndecided(episode)).toBe(true);
    expect(isUndecided({ ...episode, verdicts: [verdict] })).toBe(false);
  });

  test('is still owed one when only playbooks in shadow have had their say', () => {
    expect(isUndecided({ ...episode, verdicts: [{ ...verdict, fate: 'shadow' }] })).toBe(true);
  });

  test('that is closed is owed none', () => {
    expect(isUndecided(close(episode, 2_000))).toBe(false);
  });

  test('that closes before anything was decided says so, and otherwise keeps what was decided', () => {
    const { verdicts } = close(episode, 2_000);
    expect(verdicts).toMatchObject([{ playbook: null, fate: 'ignored', reason: 'resolved' }]);
    expect(close({ ...episode, verdicts: [verdict] }, 2_000).verdicts).toEqual([verdict]);
  });
});

describe('an episode that ends before it was decided', () => {
  const tooLate = {
    playbook: null,
    fate: 'ignored',
    reason: 'resolved',
    detail: 'it resolved before it was decided',
  };

  test('has a fate all the same', () => {
    const { episode } = deliver([firing(10), resolved(10, 20)]);
    expect(episode.verdicts).toMatchObject([tooLate]);
  });

  test('keeps what playbooks in shadow made of it', () => {
    const shadow: Verdict = { ...spentEpisode().verdicts[0], fate: 'shadow' } as Verdict;
    const { episode } = deliver([firing(10)]);
    expect(close({ ...episode, verdicts: [shadow] }, 5).verdicts).toMatchObject([shadow, tooLate]);
  });

  test('has a fate even where it was never seen firing', () => {
    expect(deliver([resolved(10, 20)]).episode.verdicts).toMatchObject([tooLate]);
  });

  test('says nothing of the kind where it was decided', () => {
    const decided = spentEpisode();
    expect(close(decided, 5).verdicts).toEqual(decided.verdicts);
  });

  test('owes a decision again when it is reopened', () => {
    const { episode } = deliver([firing(10), resolved(10, 20), firing(15)]);
    expect(isUndecided(episode)).toBe(true);
  });
});

describe('an alert that was found where muting cannot be seen', () => {
  const found = receive(null, firing(10), { ...delivery, mutingUnseen: true }).episode;

  test('is remembered as such however often it is found', () => {
    const again = receive(found, firing(10), { ...delivery, mutingUnseen: true }).episode;
    expect(again.mutingUnseen).toBe(true);
  });

  test('is decided anew when it is delivered', () => {
    const verdict: Verdict = {
      playbook: 'p',
      fate: 'escalated',
      reason: 'muting_unseen',
      detail: '',
      atMs: 1,
    };
    const { episode } = receive({ ...found, verdicts: [verdict] }, firing(10), delivery);
    expect(episode.mutingUnseen).toBeUndefined();
    expect(isUndecided(episode)).toBe(true);
  });
});
