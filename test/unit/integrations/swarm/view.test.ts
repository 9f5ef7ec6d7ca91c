import { afterEach, describe, expect, it } from 'vitest';
import { TargetError } from '../../../../src/integrations/contract/target-error.js';
import type { SwarmService } from '../../../../src/integrations/swarm/answer.js';
import type { SwarmListener } from '../../../../src/integrations/swarm/events.js';
import {
  createSwarmView,
  type SeenService,
  type SwarmView,
} from '../../../../src/integrations/swarm/view.js';
import { createLogger } from '../../../../src/lib/logger.js';
import { untilPasses } from '../../../support/eventually.js';

function service(id: string, patch: Partial<SwarmService> = {}): SwarmService {
  return {
    ...{ id, name: `name-${id}`, version: 1, mode: 'replicated', replicas: 1 },
    ...{ labels: {}, containerLabels: {} },
    ...{ updateState: undefined, forceUpdate: 0, previousSpec: undefined, spec: {} },
    ...patch,
  };
}

/** A Swarm that tells what happens to its services, and counts how it is asked. */
function fakeSwarm(...services: SwarmService[]) {
  const there = new Map(services.map((one) => [one.id, one]));
  const asked: string[] = [];
  let tell = (_id: string) => {};
  let hangUp = () => {};
  let isDown = false;
  const answer = () => {
    if (isDown) throw new TargetError('unavailable', 'it is down');
  };
  return {
    asked,
    swarm: {
      async service(id: string) {
        asked.push(id);
        answer();
        const found = there.get(id);
        if (found === undefined) throw new TargetError('not_found', 'there is none');
        return found;
      },
      async services() {
        asked.push('all');
        answer();
        return [...there.values()];
      },
      async listen({ onService }: SwarmListener) {
        answer();
        tell = onService;
        return {
          ended: new Promise<void>((resolve) => {
            hangUp = resolve;
          }),
        };
      },
    },
    set(one: SwarmService, { silently = false } = {}) {
      there.set(one.id, one);
      if (!silently) tell(one.id);
    },
    remove(id: string) {
      there.delete(id);
      tell(id);
    },
    goDown() {
      isDown = true;
      hangUp();
    },
    /** Goes down without an end of what is listened to. */
    goSilent() {
      isDown = true;
    },
    comeBack() {
      isDown = false;
    },
    hangUp: () => hangUp(),
  };
}

describe('the view of a Swarm', () => {
  let nowMs = Date.now();
  const views: SwarmView[] = [];

  function watch(
    fake: ReturnType<typeof fakeSwarm>,
    onSeen: (all: readonly SeenService[]) => void = () => {},
    onLost = () => {},
  ) {
    let last: readonly SeenService[] | undefined;
    const view = createSwarmView({
      swarm: fake.swarm,
      clock: { now: () => nowMs },
      log: createLogger('silent'),
      onSeen(all) {
        last = all;
        onSeen(all);
      },
      onLost,
    });
    views.push(view);
    const names = () => last?.map(({ name }) => name);
    return { view, names };
  }

  afterEach(async () => {
    await Promise.all(views.splice(0).map((view) => view.stop()));
    nowMs = Date.now();
  });

  it('reads everything once, and then only what has changed', async () => {
    const fake = fakeSwarm(service('a'), service('b'));
    const { names } = watch(fake);
    await untilPasses(() => expect(names()).toEqual(['name-a', 'name-b']));
    fake.set(service('c'));
    await untilPasses(() => expect(names()).toHaveLength(3));
    fake.remove('a');
    await untilPasses(() => expect(names()).toEqual(['name-b', 'name-c']));
    expect(fake.asked).toEqual(['all', 'c', 'a']);
  });

  it('reads everything where many have changed at a time', async () => {
    const fake = fakeSwarm();
    const { names } = watch(fake);
    await untilPasses(() => expect(names()).toEqual([]));
    for (let index = 0; index < 30; index += 1) fake.set(service(`s${index}`));
    await untilPasses(() => expect(names()).toHaveLength(30));
    expect(fake.asked).toEqual(['all', 'all']);
  });

  it('reads everything anew when the connection broke: something may have happened meanwhile', async () => {
    const fake = fakeSwarm(service('a'));
    const { names } = watch(fake);
    await untilPasses(() => expect(names()).toEqual(['name-a']));
    fake.set(service('b'), { silently: true });
    fake.hangUp();
    await untilPasses(() => expect(names()).toEqual(['name-a', 'name-b']));
  });

  it('keeps what it saw while the Swarm is away, but not for long', async () => {
    const fake = fakeSwarm(service('a'));
    const { view, names } = watch(fake);
    await untilPasses(() => expect(names()).toEqual(['name-a']));
    fake.goDown();
    nowMs += 14 * 60_000;
    expect(view.count()).toBe(1);
    nowMs += 2 * 60_000;
    expect(view.count()).toBeUndefined();
    fake.comeBack();
    await untilPasses(() => expect(view.count()).toBe(1));
  });

  it('tells when the services cannot be read, also where the connection hangs', async () => {
    const fake = fakeSwarm(service('a'));
    const told: string[] = [];
    const { view } = watch(
      fake,
      () => told.push('seen'),
      () => told.push('lost'),
    );
    await untilPasses(() => expect(told).toEqual(['seen']));
    view.renew();
    await untilPasses(() => expect(told).toEqual(['seen', 'seen']));
    fake.goSilent();
    view.renew();
    await untilPasses(() => expect(told.at(-1)).toBe('lost'));
    fake.comeBack();
    await untilPasses(() => expect(told.at(-1)).toBe('seen'));
  });

  it('looks at everything once in a while where it may not listen', async () => {
    const fake = fakeSwarm(service('a'));
    fake.swarm.listen = () => Promise.reject(new TargetError('forbidden', 'no events'));
    const { view } = watch(fake);
    await untilPasses(() => expect(view.count()).toBe(1));
  });

  it('knows nothing before it has read anything: that is no empty Swarm', () => {
    const fake = fakeSwarm();
    fake.goDown();
    const { view } = watch(fake);
    expect(view.count()).toBeUndefined();
  });

  it('tells of labels that cannot be read, unless the service is none of ours', async () => {
    const labels = { 'com.df.scaleMax': 'many' };
    const fake = fakeSwarm(
      service('a', { labels, updateState: 'paused' }),
      service('b', { labels: { ...labels, 'jidoka.enable': 'false' } }),
    );
    const seen: (readonly SeenService[])[] = [];
    watch(fake, (all) => seen.push(all));
    await untilPasses(() => expect(seen).toHaveLength(1));
    expect(seen[0]).toMatchObject([
      { id: 'a', name: 'name-a', updateState: 'paused', faults: [expect.stringMatching(/"many"/)] },
      { id: 'b', name: 'name-b', updateState: undefined, faults: [] },
    ]);
  });
});
