import { beforeEach, expect, test } from 'vitest';
import type { AllowedHost } from '../../../../src/integrations/contract/allowed-host.js';
import { createCredentialWatch } from '../../../../src/integrations/http/credential-watch.js';
import { createLogger } from '../../../../src/lib/logger.js';

const ci = { origin: 'https://ci.example', authorization: 'JIDOKA_HTTP_CI' };
const open = { origin: 'https://open.example' };
let hosts: readonly AllowedHost[];
let warnings: object[];

beforeEach(() => {
  hosts = [ci, open];
  warnings = [];
});

function watch(credentials: Record<string, string>) {
  const log = createLogger('silent');
  log.warn = ((fields: object) => warnings.push(fields)) as typeof log.warn;
  return createCredentialWatch({ hosts: () => hosts, credentials, log });
}

test('a credential that is not set is logged once, and again when another set of them is missing', () => {
  const { look } = watch({});
  look();
  look();
  expect(warnings).toEqual([{ missing: 'JIDOKA_HTTP_CI (for https://ci.example)' }]);
  hosts = [open];
  look();
  hosts = [ci];
  look();
  expect(warnings).toHaveLength(2);
});

test('it is among the connections, as one that fails', () => {
  expect(watch({}).check()).toEqual({
    state: 'failed',
    detail:
      'not set: JIDOKA_HTTP_CI (for https://ci.example); calls of these hosts are refused; set each, or its name with _FILE',
  });
});

test('nothing is said where all are set, or none is named', () => {
  const whole = watch({ JIDOKA_HTTP_CI: 'Bearer hunter2' });
  whole.look();
  expect(whole.check()).toBeUndefined();
  hosts = [open];
  const bare = watch({});
  bare.look();
  expect(bare.check()).toBeUndefined();
  expect(warnings).toEqual([]);
});
