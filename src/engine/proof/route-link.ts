import { parse } from 'yaml';
import type { Labels } from '../../alertmanager/alert.js';
import { isHidden, pathOf, type Receiver, webhookPath } from '../../alertmanager/receivers.js';
import { type Route, readRoute, routesOf } from '../../alertmanager/route-tree.js';
import type { Sending } from '../../prometheus/monitoring-answer.js';
import { type LinkState, no, notChecked, type Reading, yes } from './link.js';

/** The configuration of a member of Alertmanager's cluster; `null`: it does not show it. */
export type MemberConfig = string | null;

/**
 * Creates the check whether alerts of some labels reach Jidoka. Each configuration is parsed once.
 *
 * @param receiver `ALERTMANAGER_RECEIVER`, which tells our receiver where its address is hidden
 * @param unasked why no Alertmanager was asked, where none was
 */
export function createRouteCheck(
  members: readonly Reading<MemberConfig>[],
  sending: readonly Reading<Sending>[],
  receiver: string | undefined,
  unasked: string,
): (labels: Labels) => LinkState {
  if (members.length === 0) return () => notChecked(unasked);
  const checks = members.map((member) =>
    'fault' in member ? () => notChecked(member.fault) : checkOf(member.value, receiver),
  );
  const known = sending.flatMap((one) => ('value' in one ? [one.value] : []));
  const isSilent = known.length > 0 && known.every(({ alertmanagers }) => alertmanagers === 0);
  const relabels = known.some((one) => one.relabels);

  return (labels) => {
    if (isSilent) {
      return no(
        'Prometheus sends its alerts to no Alertmanager; check alerting in its configuration',
      );
    }
    const states = checks.map((check) => check(labels));
    // each member notifies: one that leads elsewhere is a fault, one that is away is not
    const missed = states.find(({ state }) => state === 'no');
    if (missed !== undefined) {
      return relabels
        ? notChecked(
            `Prometheus changes labels of alerts (alert_relabel_configs); as they are, ${missed.detail}`,
          )
        : missed;
    }
    return states.find(({ state }) => state === 'yes') ?? states[0] ?? notChecked('');
  };
}

function checkOf(text: MemberConfig, receiver: string | undefined): (labels: Labels) => LinkState {
  const config = readConfig(text);
  if (config === undefined) return () => notChecked('Alertmanager does not show its configuration');
  const { route, receivers } = config;
  const posting = receivers.filter((one) =>
    webhooksOf(one).some((webhook) => pathOf(webhook)?.endsWith(webhookPath)),
  );
  const hidden = receivers.filter((one) => webhooksOf(one).some(isHidden));
  const ours = posting.length > 0 ? posting : hidden.filter(({ name }) => name === receiver);
  if (ours.length === 0) {
    return hidden.length > 0 && receiver === undefined
      ? () =>
          notChecked(
            'Alertmanager hides the addresses of webhooks; set ALERTMANAGER_RECEIVER to the name of the receiver that posts to Jidoka',
          )
      : () => no(`no receiver of Alertmanager posts to ${webhookPath}`);
  }
  const names = new Set(ours.map(({ name }) => name));
  return (labels) => {
    const routes = routesOf(route, labels);
    const leading = routes.find((one) => names.has(one.receiver));
    if (leading !== undefined) {
      const isTimed = leading.muteTimes.length > 0 || leading.activeTimes.length > 0;
      return yes(`receiver ${leading.receiver}${isTimed ? ', muted at times' : ''}`);
    }
    const others = [...new Set(routes.map((one) => one.receiver))].join(', ');
    return no(
      `Alertmanager routes the alert to ${others || 'no receiver'}; add a route to ${[...names].join(' or ')} that takes it`,
    );
  };
}

function webhooksOf({ webhook_configs }: Receiver) {
  return webhook_configs ?? [];
}

function readConfig(
  text: MemberConfig,
): { readonly route: Route; readonly receivers: readonly Receiver[] } | undefined {
  if (text === null || text === '') return undefined;
  try {
    const { route, receivers } = parse(text) as Readonly<Record<string, unknown>>;
    if (!Array.isArray(receivers)) return undefined;
    return { route: readRoute(route), receivers: receivers as readonly Receiver[] };
  } catch {
    return undefined;
  }
}
