import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type AutoScaling,
  type AutoScalingOptions,
  createAutoScaling,
} from '../../../../src/integrations/aws/auto-scaling.js';
import type { TargetErrorKind } from '../../../../src/integrations/contract/target-error.js';
import { type AutoScalingSim, createAutoScalingSim } from '../../../../src/sim/auto-scaling.js';

/** A fault of the service, wherever it strikes. */
type AwsFault =
  | { readonly code: string; readonly status?: number }
  | { readonly page: string; readonly status?: number };

/** For calls that are to run out of time. */
const shortMs = 800;

describe('the Auto Scaling client', () => {
  let sim: AutoScalingSim;
  let autoScaling: AutoScaling;

  const client = (options: Partial<AutoScalingOptions> = {}) =>
    createAutoScaling({
      timeoutMs: 5000,
      region: 'eu-central-1',
      endpoint: sim.url(),
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
      ...options,
    });

  beforeEach(async () => {
    sim = createAutoScalingSim();
    await sim.start();
    autoScaling = client();
    sim.addGroup({ name: 'workers', min: 1, max: 6, desired: 2 });
  });

  afterEach(() => sim.stop());

  it('answers the check with its region, also where there are no groups', async () => {
    expect(await autoScaling.check()).toEqual({ region: 'eu-central-1' });
  });

  it('reads a group, and counts neither warmed instances nor those that are not there yet', async () => {
    sim.changeGroup('workers', { warmed: 3, suspended: ['Launch'], desired: 4 });
    expect(await autoScaling.group('workers')).toEqual({
      name: 'workers',
      min: 1,
      max: 6,
      desired: 4,
      inService: 2,
      otherInstances: { 'Warmed:Stopped': 3 },
      instances: ['InService', 'InService', ...Array(3).fill('Warmed:Stopped')].map((state) => ({
        id: expect.stringMatching(/^i-0/),
        state,
        zone: 'eu-central-1a',
        isProtected: false,
      })),
      suspended: ['Launch'],
      countsInstances: true,
      deleting: false,
    });
  });

  it('ends the instance that is named, and its group wants one fewer', async () => {
    const [gone, stays] = sim.instances('workers');
    sim.protect(stays?.id ?? '', true);
    await autoScaling.terminateInstance(gone?.id ?? '');
    expect(sim.changes).toMatchObject([{ from: 2, to: 1, terminated: gone?.id }]);
    const { instances, desired } = await autoScaling.group('workers');
    expect(desired).toBe(1);
    expect(instances).toMatchObject([{ id: stays?.id, isProtected: true }]);
  });

  it('does not end an instance beyond the minimum, nor one that is not there, nor one twice', async () => {
    sim.addGroup({ name: 'small', min: 1, max: 2, desired: 1 });
    const [last] = sim.instances('small');
    const beyond = autoScaling.terminateInstance(last?.id ?? '');
    await expect(beyond).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('minSize'),
    });
    const nobody = autoScaling.terminateInstance('i-00000000000000000');
    await expect(nobody).rejects.toMatchObject({ kind: 'not_found' });
    expect(sim.changes).toEqual([]);
  });

  it('does not know whether an instance was ended whose answer is lost', async () => {
    const [one] = sim.instances('workers');
    const action = 'TerminateInstanceInAutoScalingGroup';
    sim.failNext({ action, afterApplying: true, hangMs: 0 });
    const ending = autoScaling.terminateInstance(one?.id ?? '');
    await expect(ending).rejects.toMatchObject({ kind: 'unknown' });
    expect(sim.calls.filter((call) => call === action)).toHaveLength(1);
  });

  it('finds one among many, and takes an empty list for not found', async () => {
    for (let count = 0; count < 120; count += 1) {
      sim.addGroup({ name: `other-${count}`, min: 0, max: 1, desired: 0 });
    }
    expect(await autoScaling.countGroups()).toBe(121);
    expect((await autoScaling.group('other-119')).desired).toBe(0);
    await expect(autoScaling.group('other')).rejects.toMatchObject({ kind: 'not_found' });
  });

  it.each(['', '*', 'work*', 'a:b'])('asks for no group %j', async (name) => {
    await expect(autoScaling.group(name)).rejects.toMatchObject({ kind: 'invalid' });
    const set = autoScaling.setDesiredCapacity({ name, desired: 1 });
    await expect(set).rejects.toMatchObject({ kind: 'invalid' });
    expect(sim.calls).toEqual([]);
  });

  it.each([-1, 1.5, Number.NaN])('never asks for %d instances', async (desired) => {
    const set = autoScaling.setDesiredCapacity({ name: 'workers', desired });
    await expect(set).rejects.toMatchObject({ kind: 'invalid' });
    expect(sim.calls).toEqual([]);
  });

  it("sets the desired capacity, again within the group's cooldown too", async () => {
    await autoScaling.setDesiredCapacity({ name: 'workers', desired: 4 });
    await autoScaling.setDesiredCapacity({ name: 'workers', desired: 5 });
    expect(sim.changes).toMatchObject([{ to: 4 }, { to: 5 }]);
    expect(await autoScaling.group('workers')).toMatchObject({ desired: 5, inService: 5 });
  });

  it('calls a size that the group forbids invalid, in the words of AWS', async () => {
    const set = autoScaling.setDesiredCapacity({ name: 'workers', desired: 7 });
    await expect(set).rejects.toMatchObject({ kind: 'invalid' });
    await expect(set).rejects.toThrow(
      /setting group workers to 7: ValidationError: .*above max value 6/,
    );
  });

  it('calls a change of a group that is gone not found', async () => {
    const set = autoScaling.setDesiredCapacity({ name: 'nothing', desired: 1 });
    await expect(set).rejects.toMatchObject({ kind: 'not_found' });
  });

  it.each([
    ['Pending', true],
    ['InProgress', true],
    ['Cancelling', true],
    ['RollbackInProgress', true],
    ['Baking', true],
    ['Successful', false],
    ['Failed', false],
    ['Cancelled', false],
  ])('takes an instance refresh that is %s for active: %s', async (instanceRefresh, active) => {
    sim.changeGroup('workers', { instanceRefresh });
    expect(await autoScaling.instanceRefresh('workers')).toEqual({
      kind: 'seen',
      isActive: active,
    });
  });

  it('sees no instance refresh where there was none', async () => {
    expect(await autoScaling.instanceRefresh('workers')).toEqual({ kind: 'seen', isActive: false });
  });

  describe('where instance refreshes cannot be seen', () => {
    const unimplemented = '<!doctype html>\n<title>500 Internal Server Error</title>';

    it.each<[string, (world: AutoScalingSim) => void]>([
      ['the API does not know the call', (world) => world.forget('DescribeInstanceRefreshes')],
      [
        'a stand-in has not implemented it',
        (world) => failRefreshes(world, { code: 'InternalFailure', status: 501 }),
      ],
      ['a stand-in breaks', (world) => failRefreshes(world, { page: unimplemented, status: 500 })],
    ])('says so once, and that it is because %s', async (_, break_) => {
      break_(sim);
      const told: object[] = [];
      const hearing = client({ onUnseen: (unseen) => told.push(unseen) });
      const why = 'this Auto Scaling does not have the call DescribeInstanceRefreshes';
      expect(await hearing.instanceRefresh('workers')).toMatchObject({ kind: 'unseen', why });
      expect(await hearing.instanceRefresh('workers')).toMatchObject({ kind: 'unseen', why });
      expect(told).toMatchObject([{ why }]);
    });

    it('names the permission that is missing', async () => {
      sim.deny('DescribeInstanceRefreshes');
      expect(await autoScaling.instanceRefresh('workers')).toMatchObject({
        kind: 'unseen',
        advice: expect.stringContaining('allow autoscaling:DescribeInstanceRefreshes on *'),
      });
    });

    it.each<[string, object]>([
      ['a proxy that is broken for a moment', { page: unimplemented, status: 502 }],
      ['a failure inside AWS', { code: 'InternalFailure' }],
      ['throttling', { code: 'Throttling' }],
      ['credentials that have run out', { code: 'ExpiredToken', status: 403 }],
    ])('does not take %s for that', async (_, fault) => {
      failRefreshes(sim, fault as AwsFault);
      const told: object[] = [];
      const hearing = client({ onUnseen: (unseen) => told.push(unseen) });
      await expect(hearing.instanceRefresh('workers')).rejects.toMatchObject({
        name: 'TargetError',
      });
      expect(told).toEqual([]);
    });

    function failRefreshes(world: AutoScalingSim, fault: AwsFault) {
      world.failNext({ action: 'DescribeInstanceRefreshes', times: 99, ...fault });
    }
  });

  describe('why a group does not get its size', () => {
    it('is what AWS says of the launch that failed last', async () => {
      const launchFailure = 'We currently do not have sufficient t3.medium capacity.';
      sim.changeGroup('workers', { launchFailure, desired: 3 });
      expect(await autoScaling.trouble('workers')).toBe(`Failed: ${launchFailure}`);
    });

    it('is nothing where AWS is at it, or has done it', async () => {
      expect(await autoScaling.trouble('workers')).toBeNull();
      sim.changeGroup('workers', { desired: 3 });
      expect(await autoScaling.trouble('workers')).toBeNull();
    });

    it('is no failure of long ago', async () => {
      sim.changeGroup('workers', { launchFailure: 'no room', desired: 3 });
      await autoScaling.group('workers');
      sim.changeGroup('workers', { launchFailure: undefined });
      expect(await autoScaling.trouble('workers')).toBeNull();
    });

    it('is not told to a caller without the permission', async () => {
      sim.deny('DescribeScalingActivities');
      await expect(autoScaling.trouble('workers')).rejects.toMatchObject({ kind: 'forbidden' });
    });

    it('is not known of an API that lists no activities', async () => {
      sim.forget('DescribeScalingActivities');
      expect(await autoScaling.trouble('workers')).toBeNull();
    });
  });

  describe('a page of something else than AWS', () => {
    const page = '<html><body>login<br></body></html>';
    const answers = [
      ['200', { page }],
      ['200, well formed', { page: '<html>login</html>' }],
      ['200, empty', { page: '' }],
      ['200, the answer to another call', { page: '<DescribePoliciesResponse/>' }],
      ['302', { page, status: 302 }],
      ['403', { page, status: 403 }],
      ['404', { page, status: 404 }],
      ['502', { page, status: 502 }],
    ] as const;
    const reads: Record<string, (scaling: AutoScaling) => Promise<unknown>> = {
      check: (scaling) => scaling.check(),
      group: (scaling) => scaling.group('workers'),
      countGroups: (scaling) => scaling.countGroups(),
      instanceRefresh: (scaling) => scaling.instanceRefresh('workers'),
      trouble: (scaling) => scaling.trouble('workers'),
    };
    const failAll = (answer: { page: string; status?: number }) => {
      for (const action of [
        'DescribeAutoScalingGroups',
        'DescribeInstanceRefreshes',
        'DescribeScalingActivities',
        'SetDesiredCapacity',
        'TerminateInstanceInAutoScalingGroup',
      ]) {
        sim.failNext({ action, times: 9, ...answer });
      }
    };

    it.each(
      answers.flatMap(([status, answer]) =>
        Object.keys(reads).map((name) => [status, name, answer] as const),
      ),
    )('(%s) is no answer to %s: the API cannot be reached', async (_, name, answer) => {
      failAll(answer);
      await expect(reads[name]?.(autoScaling)).rejects.toMatchObject({
        name: 'TargetError',
        kind: 'unavailable',
        message: expect.stringContaining('AWS_ENDPOINT_URL'),
      });
    });

    it.each(answers)('(%s) does not tell whether a change was made', async (_, answer) => {
      failAll(answer);
      const set = autoScaling.setDesiredCapacity({ name: 'workers', desired: 4 });
      await expect(set).rejects.toMatchObject({ kind: 'unknown' });
      const [one] = sim.instances('workers');
      const ending = autoScaling.terminateInstance(one?.id ?? '');
      await expect(ending).rejects.toMatchObject({ kind: 'unknown' });
    });

    it('is asked past for a moment of it', async () => {
      sim.failNext({ action: 'DescribeAutoScalingGroups', page, status: 502 });
      expect((await autoScaling.group('workers')).desired).toBe(2);
    });
  });

  it.each<[string, TargetErrorKind]>([
    ['ScalingActivityInProgress', 'busy'],
    ['ResourceContention', 'busy'],
    ['Throttling', 'busy'],
    ['ValidationError', 'invalid'],
    ['AccessDenied', 'forbidden'],
    ['ExpiredToken', 'forbidden'],
    ['InvalidClientTokenId', 'forbidden'],
    ['InternalFailure', 'unknown'],
  ])('sorts %s, in answer to a change, into %s, after one attempt', async (code, kind) => {
    sim.failNext({ action: 'SetDesiredCapacity', code });
    const set = autoScaling.setDesiredCapacity({ name: 'workers', desired: 4 });
    await expect(set).rejects.toMatchObject({ name: 'TargetError', kind });
    expect(sim.calls).toEqual(['SetDesiredCapacity']);
    expect(sim.changes).toEqual([]);
  });

  it('asks again where a read fails for a moment', async () => {
    sim.failNext({ action: 'DescribeAutoScalingGroups', code: 'InternalFailure', times: 2 });
    expect((await autoScaling.group('workers')).desired).toBe(2);
  });

  it.each<[string, TargetErrorKind]>([
    ['InternalFailure', 'unavailable'],
    ['AccessDenied', 'forbidden'],
  ])('sorts %s, in answer to a read, into %s', async (code, kind) => {
    sim.failNext({ action: 'DescribeAutoScalingGroups', code, times: 3 });
    await expect(autoScaling.group('workers')).rejects.toMatchObject({ kind });
  });

  it.each([true, false])(
    'does not know what came of a change without an answer (applied: %s)',
    async (afterApplying) => {
      const hasty = client({ timeoutMs: shortMs });
      for (const hangMs of [60_000, 0]) {
        sim.failNext({ action: 'SetDesiredCapacity', afterApplying, hangMs });
        const set = hasty.setDesiredCapacity({ name: 'workers', desired: 4 });
        await expect(set).rejects.toMatchObject({ kind: 'unknown' });
      }
      expect(sim.calls).toEqual(['SetDesiredCapacity', 'SetDesiredCapacity']);
      expect(sim.group('workers').desired).toBe(afterApplying ? 4 : 2);
    },
  );

  it('asks again where the answer to a read gets lost, and gives up in time', async () => {
    const hasty = client({ timeoutMs: 2000 });
    sim.failNext({ action: 'DescribeAutoScalingGroups', hangMs: 60_000 });
    expect((await hasty.group('workers')).desired).toBe(2);
    expect(sim.calls).toHaveLength(2);
    sim.failNext({ action: 'DescribeAutoScalingGroups', hangMs: 60_000, times: 9 });
    const late = client({ timeoutMs: shortMs }).group('workers');
    await expect(late).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('knows that nothing was sent where nobody listens', async () => {
    await sim.stop();
    const set = autoScaling.setDesiredCapacity({ name: 'workers', desired: 4 });
    await expect(set).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('repeats no key', async () => {
    sim.failNext({ action: 'SetDesiredCapacity', code: 'SignatureDoesNotMatch' });
    const set = client({
      credentials: { accessKeyId: 'AKIAKEY', secretAccessKey: 'geheim' },
    }).setDesiredCapacity({ name: 'workers', desired: 4 });
    const error = await set.catch((thrown: Error) => thrown);
    expect(String(error)).toMatch(/SignatureDoesNotMatch.*AWS_REGION/);
    expect(String(error)).not.toMatch(/AKIAKEY|geheim/);
  });
});

describe('the Auto Scaling client with nothing configured', () => {
  beforeEach(() => {
    for (const name of [
      'AWS_REGION',
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_PROFILE',
    ]) {
      vi.stubEnv(name, undefined);
    }
    vi.stubEnv('AWS_CONFIG_FILE', '/nowhere/config');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere/credentials');
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  });

  afterEach(() => vi.unstubAllEnvs());

  it('says which variable is missing, and only when it is asked something', async () => {
    const nowhere = createAutoScaling({ timeoutMs: 5000 });
    await expect(nowhere.check()).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(nowhere.check()).rejects.toThrow(/Region is missing.*AWS_REGION/);
  });

  it('calls missing credentials forbidden, also where it was to change something', async () => {
    const nobody = createAutoScaling({ timeoutMs: 5000, region: 'eu-central-1' });
    const set = nobody.setDesiredCapacity({ name: 'workers', desired: 1 });
    await expect(set).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(set).rejects.toThrow(/credentials/);
  });
});
