import { beforeEach, describe, expect, test, vi } from 'vitest';
import { createCircuit } from '../../../../src/integrations/contract/circuit.js';
import { TargetError } from '../../../../src/integrations/contract/target-error.js';
import { DeadlineError } from '../../../../src/integrations/contract/transport.js';
import { createManualClock } from '../../sim/manual-clock.js';

const late = () =>
  Promise.reject(new TargetError('unavailable', 'late', { cause: new DeadlineError(8_000) }));
const absent = () => Promise.reject(new TargetError('not_found', 'no such service'));
const notAsked = expect.objectContaining({
  kind: 'unavailable',
  message: expect.stringMatching(/^Docker Swarm: not asked, .* the last 3 times/),
});

let clock: ReturnType<typeof createManualClock>;
let through: ReturnType<typeof createCircuit>;
beforeEach(() => {
  clock = createManualClock();
  through = createCircuit({ system: 'Docker Swarm', clock });
});

async function fail(times: number, how: () => Promise<never>): Promise<void> {
  for (let count = 0; count < times; count += 1) {
    await expect(through(how)).rejects.toBeInstanceOf(TargetError);
  }
}

describe('a system that does not answer', () => {
  test('is not asked any more after three calls', async () => {
    await fail(3, late);
    const call = vi.fn(late);
    await expect(through(call)).rejects.toEqual(notAsked);
    expect(call).not.toHaveBeenCalled();
  });

  test('is tried by one call after a while, and by no other at the same time', async () => {
    await fail(3, late);
    clock.advance(10_000);
    let answer = (_: string) => {};
    const probe = through(() => new Promise<string>((resolve) => (answer = resolve)));
    const other = vi.fn(late);
    await expect(through(other)).rejects.toEqual(notAsked);
    expect(other).not.toHaveBeenCalled();
    answer('here again');
    expect(await probe).toBe('here again');
    expect(await through(async () => 'and now everybody')).toBe('and now everybody');
  });

  test('is left alone again when the call that tried it was late, too', async () => {
    await fail(3, late);
    clock.advance(10_000);
    await fail(1, late);
    const call = vi.fn(late);
    await expect(through(call)).rejects.toThrow('not asked');
    clock.advance(9_999);
    await expect(through(call)).rejects.toThrow('not asked');
    expect(call).not.toHaveBeenCalled();
    clock.advance(1);
    expect(await through(async () => 'back')).toBe('back');
  });

  test('is known by the deadline of the AWS SDK, too', async () => {
    const timeout = Object.assign(new Error('no answer'), { name: 'TimeoutError' });
    await fail(3, () => Promise.reject(new TargetError('unavailable', '', { cause: timeout })));
    await expect(through(async () => 'x')).rejects.toThrow('not asked');
  });
});

describe('a system that answers', () => {
  test('is asked however often it answers with an error', async () => {
    await fail(10, absent);
    expect(await through(async () => 'x')).toBe('x');
  });

  test('is asked when it was late now and then', async () => {
    await fail(2, late);
    await fail(1, absent);
    await fail(2, late);
    await through(async () => 'x');
    await fail(2, late);
    expect(await through(async () => 'x')).toBe('x');
  });

  test('with an error to the call that tries it is asked by all again', async () => {
    await fail(3, late);
    clock.advance(10_000);
    await fail(2, absent);
    expect(await through(async () => 'x')).toBe('x');
  });
});
