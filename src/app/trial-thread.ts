import { parentPort, workerData } from 'node:worker_threads';
import { createOfflineRegistry } from '../integrations/offline-registry.js';
import { usableSet } from '../learning/check-draft.js';
import { describeTrial } from '../learning/describe-trial.js';
import { tryDraft } from '../learning/trial.js';
import { readHistory } from '../ledger/history-lines.js';
import { createLedger } from '../ledger/ledger.js';
import type { PlaybookTexts } from '../playbook/read.js';
import { connectForRequests } from '../queue/connection.js';

/** What the thread is to try. */
export interface TrialData {
  readonly redisUrl: string;
  readonly cell: string;
  /** The folder without the draft and with it. */
  readonly before: PlaybookTexts;
  readonly after: PlaybookTexts;
  readonly name: string;
  readonly size: number;
  readonly workerAsg: string;
  readonly sinceMs: number;
  readonly maxDeliveries: number;
}

const port = parentPort;
if (port === null) throw new Error('trial-thread.js is started by trials.js');

const { redisUrl, cell, before, after, ...rest } = workerData as TrialData;
const redis = connectForRequests(redisUrl, cell);
// what goes wrong is thrown by whatever asks
redis.on('error', () => {});
try {
  await redis.connect();
  const ledger = createLedger({ redis, cell });
  const actions = createOfflineRegistry();
  const trial = await tryDraft({
    ...rest,
    lines: readHistory(ledger, rest.sinceMs),
    before: usableSet(before, actions),
    after: usableSet(after, actions),
  });
  port.postMessage(describeTrial(trial));
} finally {
  redis.disconnect();
}
