import type { IncomingMessage, RequestListener } from 'node:http';
import { webhookPath } from '../alertmanager/receivers.js';
import { visible } from '../lib/visible.js';
import {
  createTakeNotification,
  maxBodyBytes,
  type TakeNotificationParts,
} from './take-notification.js';

/**
 * Takes what Alertmanager posts from Node's own hands, not by way of the Fetch API and the routes:
 * in a storm the receiver does little else. Whatever is not quite as Alertmanager posts it goes to
 * `others`, which take it too, as does everything else.
 */
export function createWebhookListener({
  others,
  ...parts
}: TakeNotificationParts & { readonly others: RequestListener }): RequestListener {
  const take = createTakeNotification(parts);

  return async function listen(incoming, outgoing) {
    if (!isPlainPost(incoming)) return others(incoming, outgoing);
    const { status, body, headers } = await take({
      header: (name) => incoming.headers[name]?.toString(),
      body: () => readAnnounced(incoming),
      from: incoming.socket.remoteAddress,
    });
    const text = visible(JSON.stringify(body));
    outgoing.writeHead(status, {
      ...headers,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    });
    outgoing.end(text);
  };
}

/** Of a length that is known and not too large. */
function isPlainPost({ url, method, headers }: IncomingMessage): boolean {
  return (
    url === webhookPath && method === 'POST' && Number(headers['content-length']) <= maxBodyBytes
  );
}

/**
 * The body of a request whose length was announced: Node lets no more than that through.
 *
 * @throws what the connection throws when it breaks off.
 */
function readAnnounced(incoming: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const [first = Buffer.alloc(0)] = chunks;
      resolve(chunks.length > 1 ? Buffer.concat(chunks) : first);
    });
    incoming.on('error', reject);
  });
}
