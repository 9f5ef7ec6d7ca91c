import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { InspectedService } from '../../../../src/integrations/swarm/answer.js';
import { createServicesSeen } from '../../../../src/integrations/swarm/services-seen.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

const service = (id: string, version: number) => ({ id, version }) as InspectedService;

test('a service is known at the version at which it was read, and at no other', () => {
  const seen = createServicesSeen();
  seen.note(service('web', 7));
  expect(seen.at('web', '7')).toEqual(service('web', 7));
  expect(seen.at('web', '8')).toBeUndefined();
  expect(seen.at('api', '7')).toBeUndefined();
  seen.note(service('web', 8));
  expect(seen.at('web', '7')).toBeUndefined();
});

test('what was read is known for a moment only', () => {
  const seen = createServicesSeen();
  seen.note(service('web', 7));
  vi.advanceTimersByTime(4_999);
  expect(seen.at('web', '7')).toBeDefined();
  vi.advanceTimersByTime(1);
  expect(seen.at('web', '7')).toBeUndefined();
});

test('no more than the latest services are kept', () => {
  const seen = createServicesSeen();
  for (let index = 0; index < 300; index += 1) seen.note(service(`s${index}`, 1));
  expect(seen.at('s0', '1')).toBeUndefined();
  expect(seen.at('s299', '1')).toBeDefined();
});
