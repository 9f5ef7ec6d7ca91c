import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../../src/alertmanager/alert.js';
import {
  applyAlert,
  type Delivery,
  type Effect,
} from '../../../../src/engine/episode/apply-alert.js';
import {
  close,
  type Disposition,
  type Episode,
  isUndecided,
} from '../../../../src/ledger/episode.js';

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
    const taken = applyAlert(episode, each, {
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
  const disposition: Disposition = {
    playbook: 'p',
    fate: 'run',
    reason: 'matched',
    detail: '',
    atMs: 1,
  };
  const { episode } = deliver([firing(10)]);
  return { ...episode, verdicts: [disposition], spent: ['p'], cases: ['c'] };
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
    applyAlert(from, each, { ...delivery, receivedAtMs, nowMs: 9_000 });

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
    const later = { ...delivery, receivedAtMs: 6_000, nowMs: 6_000 };
    expect(applyAlert(silent, firing(5_001), later).effect).toBe('opened');
  });
});

describe('a notification that says that it only repeats the one before', () => {
  const repeated = { ...delivery, receivedAtMs: 9_000, nowMs: 9_000, repeats: true };
  const silent: Episode = { ...close(spentEpisode(), 5_000), silent: true };

  test('reopens what was closed for its silence, with what it has spent', () => {
    const { episode, effect } = applyAlert(silent, firing(10), repeated);
    expect(effect).toBe('reopened');
    expect(episode).toMatchObject({ id: silent.id, spent: ['p'] });
    expect(episode.silent).toBeUndefined();
    expect(applyAlert(silent, firing(10), { ...repeated, repeats: false }).effect).toBe('opened');
  });

  test('opens what is not known, or starts after its end', () => {
    expect(applyAlert(null, firing(10), repeated).effect).toBe('opened');
    const { episode } = deliver([firing(10), resolved(10, 20)]);
    expect(applyAlert(episode, firing(25), repeated).effect).toBe('opened');
  });
});

describe('odd times', () => {
  const at = (receivedAtMs: number) => ({ ...delivery, receivedAtMs, nowMs: receivedAtMs + 5 });
  const century = 100 * 365 * 24 * 3_600_000;
  const fires = (startsAtMs: number | null) => alert({ startsAtMs });
  const resolves = (startsAtMs: number | null, endsAtMs: number | null) =>
    alert({ status: 'resolved', startsAtMs, endsAtMs });

  /** What came of a firing that was received at 10,000 and a resolved at 20,000. */
  function story(first: Alert, second: Alert) {
    const opened = applyAlert(null, first, at(10_000)).episode;
    return applyAlert(opened, second, at(20_000));
  }

  test.each([
    ['an end that is zero', fires(9_000), resolves(9_000, null), 20_000],
    ['no times at all', fires(null), resolves(null, null), 20_000],
    [
      'no start, and an end before its firing was received',
      fires(null),
      resolves(null, 9_500),
      9_500,
    ],
    ['an end before its start', fires(9_000), resolves(9_000, 8_000), 20_000],
    ['an end far ahead', fires(9_000), resolves(9_000, century), 20_000],
    ['a start and an end far ahead', fires(century), resolves(century, century), 20_000],
    ['a start far ahead and no end', fires(century), resolves(century, null), 20_000],
    ['a start far ahead and a proper end', fires(century), resolves(null, 15_000), 15_000],
    ['a start an hour ahead', fires(3_610_000), resolves(3_610_000, 19_000), 20_000],
    ['another start, ahead', fires(9_000), resolves(3_610_000, null), 20_000],
  ])('a resolved with %s ends its alert', (_, first, second, endsAtMs) => {
    const { episode, effect } = story(first, second);
    expect(effect).toBe('resolved');
    expect(episode).toMatchObject({ state: 'closed', members: {}, endsAtMs });
  });

  test('a resolved of an earlier occurrence still ends nothing', () => {
    expect(story(fires(9_000), resolves(1_000, 2_000)).effect).toBe('resolved_before');
  });

  test.each([null, 9_000, 3_610_000, century])(
    'an alert that starts at %j and fires after its end is a new one',
    (startsAtMs) => {
      const { episode } = story(fires(startsAtMs), resolves(startsAtMs, null));
      const next = startsAtMs === 9_000 ? 25_000 : startsAtMs;
      expect(applyAlert(episode, fires(next), at(30_000)).effect).toBe('opened');
    },
  );

  test('after an end far ahead the next one is not taken for the same', () => {
    const { episode } = story(fires(9_000), resolves(9_000, century));
    expect(applyAlert(episode, fires(25_000), at(30_000)).effect).toBe('opened');
    expect(applyAlert(episode, fires(9_000), at(30_000)).effect).toBe('reopened');
  });

  test.each([null, century])(
    'a firing with the start %j that was received before its resolved reopens nothing',
    (startsAtMs) => {
      const { episode } = applyAlert(null, resolves(startsAtMs, null), at(20_000));
      expect(applyAlert(episode, fires(startsAtMs), at(10_000)).effect).toBe('overtaken');
    },
  );

  test('repeats without a start do not put off the end', () => {
    let { episode } = applyAlert(null, fires(null), at(10_000));
    for (const ms of [11_000, 12_000]) episode = applyAlert(episode, fires(null), at(ms)).episode;
    expect(applyAlert(episode, resolves(null, 10_500), at(13_000)).effect).toBe('resolved');
  });
});

describe('an episode', () => {
  const disposition: Disposition = {
    playbook: 'p',
    fate: 'held',
    reason: 'limit',
    detail: '',
    atMs: 1,
  };
  const { episode } = deliver([firing(10)]);

  test('is owed a decision until it has a verdict', () => {
    expect(isUndecided(episode)).toBe(true);
    expect(isUndecided({ ...episode, verdicts: [disposition] })).toBe(false);
  });

  test('is still owed one when only playbooks in shadow have had their say', () => {
    expect(isUndecided({ ...episode, verdicts: [{ ...disposition, fate: 'shadow' }] })).toBe(true);
  });

  test('that is closed is owed none', () => {
    expect(isUndecided(close(episode, 2_000))).toBe(false);
  });

  test('that closes before anything was decided says so, and otherwise keeps what was decided', () => {
    const { verdicts } = close(episode, 2_000);
    expect(verdicts).toMatchObject([{ playbook: null, fate: 'ignored', reason: 'resolved' }]);
    expect(close({ ...episode, verdicts: [disposition] }, 2_000).verdicts).toEqual([disposition]);
  });
});

describe('an episode that ends before it was decided', () => {
  const tooLate = {
    playbook: null,
    fate: 'ignored',
    reason: 'resolved',
    detail: 'the alert resolved before a decision',
  };

  test('has a fate all the same', () => {
    const { episode } = deliver([firing(10), resolved(10, 20)]);
    expect(episode.verdicts).toMatchObject([tooLate]);
  });

  test('keeps what playbooks in shadow made of it', () => {
    const shadow: Disposition = { ...spentEpisode().verdicts[0], fate: 'shadow' } as Disposition;
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
  const found = applyAlert(null, firing(10), { ...delivery, mutingUnseen: true }).episode;

  test('is remembered as such however often it is found', () => {
    const again = applyAlert(found, firing(10), { ...delivery, mutingUnseen: true }).episode;
    expect(again.mutingUnseen).toBe(true);
  });

  test('is decided anew when it is delivered', () => {
    const disposition: Disposition = {
      playbook: 'p',
      fate: 'escalated',
      reason: 'muting_unseen',
      detail: '',
      atMs: 1,
    };
    const { episode } = applyAlert({ ...found, verdicts: [disposition] }, firing(10), delivery);
    expect(episode.mutingUnseen).toBeUndefined();
    expect(isUndecided(episode)).toBe(true);
  });
});
