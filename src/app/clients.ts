import { createAlertmanager } from '../alertmanager/alertmanager.js';
import { createAlertmanagerCluster } from '../alertmanager/alertmanager-cluster.js';
import type { Watch } from '../integrations/contract/connected.js';
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

/** What is looked at beside the integrations: Slack, Alertmanager and Prometheus, those that are configured. */
export function clientWatches({
  slack,
  alertmanagers,
  prometheuses,
}: ReturnType<typeof createClients>): readonly {
  readonly name: string;
  readonly watch: () => Watch;
}[] {
  const all = [
    ...(slack === undefined ? [] : [watched('Slack', 'messages to it wait', [slack.check])]),
    watched(
      'Alertmanager',
      'what its deliveries missed waits',
      alertmanagers.map(({ status }) => status),
    ),
    watched(
      'Prometheus',
      'evidence of alerts lacks their metric',
      prometheuses.map(({ version }) => version),
    ),
  ];
  return all.filter(({ calls }) => calls.length > 0).map(({ name, watch }) => ({ name, watch }));
}

function watched(system: string, waits: string, calls: readonly (() => Promise<unknown>)[]) {
  const look = async () => {
    await Promise.all(calls.map((call) => call()));
  };
  return { name: system.toLowerCase(), calls, watch: () => ({ system, waits, look }) };
}
