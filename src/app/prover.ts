import { createAlertmanager } from '../alertmanager/alertmanager.js';
import { createProver, type Prove, type ProverParts } from '../engine/proof/prove.js';
import { createPrometheus } from '../prometheus/prometheus.js';
import type { Config } from './config.js';

/** A person waits for the page. */
const timeoutMs = 4_000;

/** Creates the prover with clients of its own, whose calls end while a person still waits. */
export function createConfiguredProver(
  config: Config,
  parts: Pick<ProverParts, 'explain' | 'clock'>,
): Prove {
  return createProver({
    ...parts,
    prometheuses: config.prometheusUrls.map((url) =>
      createPrometheus({ url, token: config.prometheusToken, timeoutMs }),
    ),
    alertmanagers: config.alertmanagerUrls.map((url) => createAlertmanager({ url, timeoutMs })),
    receiver: config.alertmanagerReceiver,
  });
}
