import { createAlertmanager } from '../alertmanager/alertmanager.js';
import { createAlertmanagerCluster } from '../alertmanager/alertmanager-cluster.js';
import { createPrometheus } from '../prometheus/prometheus.js';
import { createSlack } from '../slack/client.js';
import type { Config } from './config.js';

const slackTimeoutMs = 5_000;
const alertmanagerTimeoutMs = 10_000;
/** Less than a part of the evidence may take, so that what is missing is said by the client. */
const prometheusTimeoutMs = 2_500;

/** The clients of Slack, Alertmanager and Prometheus, as the configuration names them. None connects before its first call. */
export function createClients(config: Config) {
  const { botToken, apiUrl } = config.slack;
  const alertmanagers = config.alertmanagerUrls.map((url) =>
    createAlertmanager({ url, timeoutMs: alertmanagerTimeoutMs }),
  );
  return {
    /** `undefined`: escalations are decided without Slack. */
    slack:
      botToken === undefined
        ? undefined
        : createSlack({ botToken, apiUrl, timeoutMs: slackTimeoutMs }),
    alertmanagers,
    prometheuses: config.prometheusUrls.map((url) =>
      createPrometheus({ url, token: config.prometheusToken, timeoutMs: prometheusTimeoutMs }),
    ),
    /** `undefined`: no Alertmanager is asked. */
    cluster:
      alertmanagers.length === 0
        ? undefined
        : createAlertmanagerCluster({
            members: alertmanagers,
            receiver: config.alertmanagerReceiver,
          }),
  };
}
