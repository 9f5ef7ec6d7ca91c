import { describe, expect, test } from 'vitest';
import { createSessions, sessionMs } from '../../../src/console/sessions.js';
import { createManualClock } from '../sim/manual-clock.js';

const clock = createManualClock();
const tokens = { adminToken: 'admin-token', viewerToken: 'viewer-token', clock };

describe('a session', () => {
  test('is read back as whoever began it', () => {
    const sessions = createSessions(tokens);
    expect(sessions.read(sessions.begin('viewer', 'Zoë'))).toMatchObject({
      role: 'viewer',
      name: 'Zoë',
    });
  });

  test('is read by every receiver that knows the token', () => {
    const session = createSessions(tokens).begin('operator', 'ada');
    expect(createSessions(tokens).read(session)?.name).toBe('ada');
  });

  test('ends when the token changes by which it began, and only then', () => {
    const { begin } = createSessions(tokens);
    const after = createSessions({ ...tokens, adminToken: 'another-token' });
    expect(after.read(begin('operator', 'ada'))).toBeNull();
    expect(after.read(begin('viewer', 'ben'))?.name).toBe('ben');
  });

  test('ends after 12 hours', () => {
    const time = createManualClock();
    const sessions = createSessions({ ...tokens, clock: time });
    const session = sessions.begin('operator', 'ada');
    time.advance(sessionMs - 1);
    expect(sessions.read(session)).not.toBeNull();
    time.advance(1);
    expect(sessions.read(session)).toBeNull();
  });

  test('of a viewer cannot be made one of an operator', () => {
    const sessions = createSessions(tokens);
    const [payload = '', signature] = sessions.begin('viewer', 'ben').split('.');
    const forged = Buffer.from(
      Buffer.from(payload, 'base64url').toString().replace('viewer', 'operator'),
    ).toString('base64url');
    expect(sessions.read(`${forged}.${signature}`)).toBeNull();
  });

  test.each(['', '.', 'e30.', 'bm8.x', `${'a'.repeat(5_000)}.b`, 'a.b.c'])(
    'is not read out of %j',
    (cookie) => {
      expect(createSessions(tokens).read(cookie)).toBeNull();
    },
  );

  test('without tokens is known to this process alone', () => {
    const none = { adminToken: undefined, viewerToken: undefined, clock };
    const sessions = createSessions(none);
    const session = sessions.begin('operator', 'ada');
    expect(sessions.read(session)?.name).toBe('ada');
    expect(createSessions(none).read(session)).toBeNull();
  });

  test('has forms of its own', () => {
    const sessions = createSessions(tokens);
    expect(sessions.csrfOf('operator', 'a')).not.toBe(sessions.csrfOf('operator', 'b'));
    expect(sessions.csrfOf('operator', 'a')).not.toBe(sessions.csrfOf('viewer', 'a'));
  });
});

test('a token signs in to its role, and no other to any', () => {
  const { roleOf } = createSessions(tokens);
  expect(['admin-token', 'viewer-token', '', 'admin'].map(roleOf)).toEqual([
    'operator',
    'viewer',
    null,
    null,
  ]);
  const none = createSessions({ adminToken: undefined, viewerToken: undefined, clock });
  expect(none.roleOf('')).toBeNull();
});
