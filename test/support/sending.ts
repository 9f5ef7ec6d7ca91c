import type { Sending } from '../../src/integrations/contract/action.js';

/** What an action gets besides a change, for a step with these parameters. */
export function sendingOf<Params>(params: Params): Sending<Params> {
  return { params, key: 'run-1', answered: () => {} };
}
