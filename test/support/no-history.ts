import type { TargetHistoryReader } from '../../src/integrations/contract/evidence.js';

/** A history in which nothing was ever noted. */
export const noHistory: TargetHistoryReader = {
  of: async () => ({ events: [], wholeSinceMs: null, version: null }),
};
