import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../../../src/logger.js';
import type { SwarmService } from '../../../src/target/swarm-answer.js';
import {
  createSwarmView,
  type SeenService,
  type SwarmView,
} from '../../../src/target/swarm-view.js';
import { TargetError } from '../../../src/target/target-error.js';

const eventually = { timeout: 5_000, interval: 20 };

function service(id: string, patch: Partial<SwarmService> = {}): SwarmService {
  return {
    ...{ id, name: `name-${id}`, version: 1, mode: 'replicated', replicas: 1, labels: {} },
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
      async listen(onChange: (id: string) => void) {
        answer();
        tell = onChange;
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
    await vi.waitFor(() => expect(names()).toEqual(['name-a', 'name-b']), eventually);
    fake.set(service('c'));
    await vi.waitFor(() => expect(names()).toHaveLength(3), eventually);
    fake.remove('a');
    await vi.waitFor(() => expect(names()).toEqual(['name-b', 'name-c']), eventually);
    expect(fake.asked).toEqual(['all', 'c', 'a']);
  });

  it('reads everything where many have changed at a time', async () => {
    const fake = fakeSwarm();
    const { names } = watch(fake);
    await vi.waitFor(() => expect(names()).toEqual([]), eventually);
    for (let index = 0; index < 30; index += 1) fake.set(service(`s${index}`));
    await vi.waitFor(() => expect(names()).toHaveLength(30), eventually);
    expect(fake.asked).toEqual(['all', 'all']);
  });

  it('reads everything anew when the connection broke: something may have happened meanwhile', async () => {
    const fake = fakeSwarm(service('a'));
    const { names } = watch(fake);
    await vi.waitFor(() => expect(names()).toEqual(['name-a']), eventually);
    fake.set(service('b'), { silently: true });
    fake.hangUp();
    await vi.waitFor(() => expect(names()).toEqual(['name-a', 'name-b']), eventually);
  });

  it('keeps what it saw while the Swarm is away, but not for long', async () => {
    const fake = fakeSwarm(service('a'));
    const { view, names } = watch(fake);
    await vi.waitFor(() => expect(names()).toEqual(['name-a']), eventually);
    fake.goDown();
    nowMs += 14 * 60_000;
    expect(view.count()).toBe(1);
    nowMs += 2 * 60_000;
    expect(view.count()).toBeUndefined();
    fake.comeBack();
    await vi.waitFor(() => expect(view.count()).toBe(1), eventually);
  });

  it('looks at everything once in a while where it may not listen', async () => {
    const fake = fakeSwarm(service('a'));
    fake.swarm.listen = () => Promise.reject(new TargetError('forbidden', 'no events'));
    const { view } = watch(fake);
    await vi.waitFor(() => expect(view.count()).toBe(1), eventually);
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
    await vi.waitFor(() => expect(seen).toHaveLength(1), eventually);
    expect(seen[0]).toEqual([
      { id: 'a', name: 'name-a', updateState: 'paused', faults: [expect.stringMatching(/"many"/)] },
      { id: 'b', name: 'name-b', updateState: undefined, faults: [] },
    ]);
  });
});
