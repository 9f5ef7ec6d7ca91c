import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  DeadlineError,
  neverSent,
  withDeadline,
} from '../../../../src/integrations/contract/transport.js';

describe('a deadline', () => {
  it('hands on what comes in time', async () => {
    await expect(withDeadline(1000, async () => 'answer')).resolves.toBe('answer');
    await expect(withDeadline(1000, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('ends a call that never settles, and aborts it', async () => {
    let signal: AbortSignal | undefined;
    const call = withDeadline(20, (given) => {
      signal = given;
      return new Promise(() => {});
    });
    await expect(call).rejects.toThrow(new DeadlineError(20));
    expect(signal?.aborted).toBe(true);
  });
});

describe('whether a request was never sent', () => {
  it('is certain where there was no connection', async () => {
    const errorOf = (options: { path: string } | { host: string; port: number }) =>
      new Promise((resolve) => connect(options).once('error', resolve));
    expect(neverSent(await errorOf({ path: '/nowhere/docker.sock' }))).toBe(true);
    expect(neverSent(await errorOf({ host: 'localhost', port: 1 }))).toBe(true);
  });

  it('is not known after a reset, a time-out or anything else', () => {
    const reset = Object.assign(new Error('read ECONNRESET'), {
      syscall: 'read',
      code: 'ECONNRESET',
    });
    expect(neverSent(reset)).toBe(false);
    expect(neverSent(new DeadlineError(1))).toBe(false);
    expect(neverSent(new AggregateError([reset]))).toBe(false);
    expect(neverSent(new AggregateError([]))).toBe(false);
    expect(neverSent('text')).toBe(false);
  });
});
