/** The path that Alertmanager posts to. */
export const webhookPath = '/webhooks/alertmanager';

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

/** Whether Alertmanager does not show where a webhook posts. */
export function isHidden({ url, url_file }: Webhook): boolean {
  return url === hidden || (url_file !== undefined && url_file !== '');
}

/** The path that a webhook posts to; `undefined`: its address is hidden, or none. */
export function pathOf({ url }: Webhook): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).pathname : undefined;
}
