import {
  isHidden,
  pathOf,
  type Receiver,
  type Webhook,
  webhookPath,
} from '../../alertmanager/receivers.js';
import { isScalerPath } from '../../api/docker-scaler.js';
import { isJobPath } from '../../api/jenkins.js';

/** A receiver that posts to an address of Jidoka's, with all its webhooks that do. */
export interface Poster {
  readonly name: string;
  readonly webhooks: readonly Webhook[];
}

/**
 * Where a webhook posts: to Jidoka's webhook, to the address of a Jenkins job or of docker-scaler,
 * elsewhere; or its address is not shown.
 */
type Address = 'alertmanager' | 'jenkins' | 'docker-scaler' | 'elsewhere' | 'hidden';

/** The receivers that have webhooks of one kind of address, each with those alone. */
export function postersTo(address: Address, receivers: readonly Receiver[]): readonly Poster[] {
  return receivers.flatMap(({ name, webhook_configs }) => {
    const webhooks = (webhook_configs ?? []).filter((webhook) => addressOf(webhook) === address);
    return webhooks.length > 0 ? [{ name, webhooks }] : [];
  });
}

/** Whether a webhook sends something that can be the token of Jidoka's webhook. */
export function sendsToken({ url, http_config }: Webhook): boolean {
  const settings = http_config ?? {};
  const ways = ['authorization', 'basic_auth', 'bearer_token', 'bearer_token_file', 'oauth2'];
  const headers = Object.keys(settings.http_headers ?? {});
  return (
    ways.some((way) => settings[way] !== undefined && settings[way] !== null) ||
    headers.some((name) => name.toLowerCase() === 'authorization') ||
    (url !== undefined && URL.canParse(url) && new URL(url).password !== '')
  );
}

/** Whether the address of a webhook holds the parameter `token`, as callers of Jenkins give it. */
export function hasTokenInAddress({ url }: Webhook): boolean {
  return url !== undefined && URL.canParse(url) && new URL(url).searchParams.has('token');
}

function addressOf(webhook: Webhook): Address {
  if (isHidden(webhook)) return 'hidden';
  const path = pathOf(webhook);
  if (path === undefined) return 'elsewhere';
  if (path.endsWith(webhookPath)) return 'alertmanager';
  if (isJobPath(path)) return 'jenkins';
  return isScalerPath(path) ? 'docker-scaler' : 'elsewhere';
}
