import { describe, expect, test } from 'vitest';
import type { Guard } from '../../../src/guard/guard.js';
import {
  type GuardInput,
  type GuardPolicy,
  guardsBeforeChange,
  guardsFor,
  holdOf,
} from '../../../src/guard/guards.js';
import { createKeys } from '../../../src/ledger/keys.js';
import type { Run } from '../../../src/ledger/run.js';
import { sampleChange, sampleRun, sampleStep } from '../ledger/sample-run.js';

const keys = createKeys('cell');
const web = { id: 'test.service/web', name: 'web' };
const api = { id: 'test.service/api', name: 'api' };
const minute = 60_000;
const hour = 60 * minute;
const policy: GuardPolicy = {
  limits: {
    fleet: [{ count: 20, windowMs: hour }],
    playbook: [{ count: 10, windowMs: hour }],
    target: [{ count: 6, windowMs: hour }],
  },
  windows: [],
  blastRadius: { targets: { count: 10, windowMs: 10 * minute }, share: null },
};
const reportTrip = () => ({ escalationId: 'told', writes: [] });

function guardsOf(run: Run, more: Partial<GuardInput> = {}): readonly Guard[] {
  const given = { keys, run, direction: null, policy, fleetSize: () => null, reportTrip };
  return guardsFor({ ...given, nowMs: 1_000, ...more });
}

const run = sampleRun({
  steps: [sampleStep({ target: web }), sampleStep({ target: api }), sampleStep({ target: web })],
  cooldownMs: 10 * minute,
  limits: [
    { count: 3, windowMs: hour },
    { count: 7, windowMs: 24 * hour },
  ],
});

describe('what a run asks for', () => {
  const claims = guardsOf(run).map(({ claim }) => claim);

  test('is the lock of each of its targets, once', () => {
    expect(claims.filter(({ kind }) => kind === 'lock')).toEqual([
      { kind: 'lock', key: keys.lock(api.id), owner: 'run-1' },
      { kind: 'lock', key: keys.lock(web.id), owner: 'run-1' },
    ]);
  });

  test('is the rest of each of its targets, whoever changed it last and in whichever direction', () => {
    expect(claims.filter(({ kind }) => kind === 'elapsed')).toEqual([
      { kind: 'elapsed', key: keys.changed(api.id), ms: 10 * minute },
      { kind: 'elapsed', key: keys.changed(web.id), ms: 10 * minute },
    ]);
  });

  test('is room in every limit: of its playbook on each target, of each target, of its playbook, of the fleet', () => {
    const windows = claims.filter((claim) => claim.kind === 'window');
    expect(windows.map(({ key, count, ms }) => [key, count, ms])).toEqual([
      [keys.admissions(`scale-up/${api.id}`), 3, hour],
      [keys.admissions(`scale-up/${api.id}`), 7, 24 * hour],
      [keys.admissions(`target:${api.id}`), 6, hour],
      [keys.admissions(`scale-up/${web.id}`), 3, hour],
      [keys.admissions(`scale-up/${web.id}`), 7, 24 * hour],
      [keys.admissions(`target:${web.id}`), 6, hour],
      [keys.admissions('playbook:scale-up'), 10, hour],
      [keys.admissions('fleet'), 20, hour],
    ]);
  });

  test('keeps admissions for as long as the longest window that counts them', () => {
    const kept = claims.flatMap((claim) => (claim.kind === 'window' ? [claim.keepMs] : []));
    expect(kept).toEqual([24 * hour, 24 * hour, hour, 24 * hour, 24 * hour, hour, hour, hour]);
  });

  test('is no rest where the playbook sets none', () => {
    const claimed = guardsOf({ ...run, cooldownMs: 0 }).map(({ claim }) => claim);
    expect(claimed.filter(({ kind }) => kind === 'elapsed')).toEqual([]);
  });

  test('is only the locks, and that nobody has paused it, where a person has chosen', () => {
    const chosen = { ...run, origin: { kind: 'person', by: 'ada', escalationId: 'e' } as const };
    const kinds = guardsOf(chosen).map(({ claim }) => claim.kind);
    expect(kinds).toEqual(['lock', 'lock', 'unpaused']);
  });
});

describe('what is automatic', () => {
  const may = {
    name: 'may',
    playbooks: ['scale-up'],
    intervals: [{ years: [{ from: 1970, to: 1970 }], location: 'UTC' }],
  };
  const others = { ...may, name: 'others', playbooks: ['another'] };
  const all = { ...may, name: 'all', playbooks: undefined };
  const more = { policy: { ...policy, windows: [may, others, all] } };
  const kindsOf = (guards: readonly Guard[]) => guards.map(({ claim }) => claim.kind);

  test('is held by the windows that are open for it, and by the blast radius, which comes last', () => {
    const kinds = kindsOf(guardsOf(run, more));
    expect(kinds.slice(-4)).toEqual(['refused', 'refused', 'untripped', 'radius']);
  });

  test('is not what a person approved or chose', () => {
    const approved = { ...run, escalationId: 'e' };
    const chosen = {
      ...approved,
      origin: { kind: 'person', by: 'ada', escalationId: 'e' } as const,
    };
    const automatic = ['refused', 'untripped', 'radius'];
    for (const person of [approved, chosen]) {
      expect(kindsOf(guardsOf(person, more)).filter((kind) => automatic.includes(kind))).toEqual(
        [],
      );
    }
  });

  test('is asked again before each change, as far as people or the clock may have stopped it', () => {
    const change = sampleChange(3, 2);
    const asked = (each: Run) => guardsBeforeChange(keys, each, change, [all], 1_000);
    expect(kindsOf(asked(run))).toEqual(['unpaused', 'refused', 'untripped']);
    expect(kindsOf(asked({ ...run, escalationId: 'e' }))).toEqual(['unpaused']);
    expect(asked(run)[0]?.claim).toMatchObject({
      fields: expect.arrayContaining([
        'everything',
        'playbook:scale-up',
        'target:web',
        'direction:down',
      ]),
    });
  });
});

describe('a hold', () => {
  const guards = guardsOf(run);
  const place = (kind: string) => guards.findIndex(({ claim }) => claim.kind === kind);

  test('by a lock names the run that works on the target and whose end it waits for', () => {
    const refusal = { claim: place('lock'), untilMs: null, detail: 'run-7' };
    expect(holdOf(guards, [refusal])).toEqual({
      reason: 'target_busy',
      detail: 'run run-7 holds api',
      untilMs: 61_000,
      waitsFor: { target: { id: 'test.service/api', name: 'api' }, runId: 'run-7' },
    });
  });

  test('by a cooldown says when it lifts', () => {
    const refusal = { claim: place('elapsed'), untilMs: 400_000, detail: '' };
    expect(holdOf(guards, [refusal])).toEqual({
      reason: 'cooldown',
      detail:
        'api was changed less than its cooldown of 10m ago; the cooldown ends at 1970-01-01 00:06:40 UTC',
      untilMs: 400_000,
    });
  });

  test('by a limit says whose and which', () => {
    const refusal = { claim: place('window'), untilMs: 400_000, detail: '' };
    expect(holdOf(guards, [refusal])).toEqual({
      reason: 'limit',
      detail:
        'scale-up on api has reached its limit of 3 runs in 1h; the next run may start at 1970-01-01 00:06:40 UTC',
      untilMs: 400_000,
    });
  });

  test('by several guards is the one that lifts last', () => {
    const refusals = [
      { claim: place('lock'), untilMs: null, detail: 'run-7' },
      { claim: place('window'), untilMs: 900_000, detail: '' },
      { claim: place('elapsed'), untilMs: 400_000, detail: '' },
    ];
    expect(holdOf(guards, refusals)).toMatchObject({ reason: 'limit', untilMs: 900_000 });
  });

  test('needs a refusal', () => {
    expect(() => holdOf(guards, [])).toThrow('refused without a refusal');
  });
});
