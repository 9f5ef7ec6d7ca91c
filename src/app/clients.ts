import { createAlertmanager } from '../alertmanager/alertmanager.js';
import { createAlertmanagerCluster } from '../alertmanager/alertmanager-cluster.js';
import { createSlack } from '../slack/client.js';
import type { Config } from './config.js';

const slackTimeoutMs = 5_000;
const alertmanagerTimeoutMs = 10_000;

/** The clients of Slack and Alertmanager, as the configuration names them. None connects before its first call. */
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
