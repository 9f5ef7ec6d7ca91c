import { createAlertmanager } from '../alert/alertmanager.js';
import { createAlertmanagerCluster } from '../alert/alertmanager-cluster.js';
import type { Config } from '../config.js';
import { createSlack } from '../escalation/slack.js';
import { createAutoScaling } from '../target/auto-scaling.js';
import { createEc2 } from '../target/ec2.js';
import { createSwarm } from '../target/swarm.js';
import { createSwarmNodes } from '../target/swarm-nodes.js';

const targetTimeoutMs = 8_000;
const slackTimeoutMs = 5_000;
const alertmanagerTimeoutMs = 10_000;

/** The clients of everything outside, as the configuration names it. None connects before its first call. */
export function createClients(config: Config) {
  const docker = { dockerHost: config.dockerHost, timeoutMs: targetTimeoutMs };
  const aws = {
    timeoutMs: targetTimeoutMs,
    region: config.awsRegion,
    endpoint: config.awsEndpointUrl,
  };
  const { botToken, apiUrl } = config.slack;
  const alertmanagers = config.alertmanagerUrls.map((url) =>
    createAlertmanager({ url, timeoutMs: alertmanagerTimeoutMs }),
  );
  return {
    swarm: createSwarm(docker),
    nodes: createSwarmNodes(docker),
    autoScaling: createAutoScaling(aws),
    ec2: createEc2(aws),
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
