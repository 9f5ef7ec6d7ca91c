import { isScalerPath } from '../../api/docker-scaler.js';
import { isJobPath } from '../../api/jenkins.js';
import { webhookPath } from '../../api/webhook.js';

/** What Alertmanager shows instead of a secret; since 0.26 the address of a webhook is one. */
const hidden = '<secret>';

/** What is looked at of one entry of `webhook_configs`. */
export interface Webhook {
  readonly url?: string;
  readonly url_file?: string;
  readonly send_resolved?: boolean;
  readonly max_alerts?: number;
  readonly payload?: unknown;
  readonly http_config?: Readonly<Record<string, unknown>> | null;
}

/** One entry of `receivers`. */
export interface Receiver {
  readonly name: string;
  readonly webhook_configs?: readonly Webhook[] | null;
}

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

function addressOf({ url, url_file }: Webhook): Address {
  if (url === hidden || (url_file !== undefined && url_file !== '')) return 'hidden';
  if (url === undefined || !URL.canParse(url)) return 'elsewhere';
  const { pathname } = new URL(url);
  if (pathname.endsWith(webhookPath)) return 'alertmanager';
  if (isJobPath(pathname)) return 'jenkins';
  return isScalerPath(pathname) ? 'docker-scaler' : 'elsewhere';
}
