import { createServer, request } from 'node:http';
import { onFreePort } from './parts/place.js';

/**
 * A port of this machine before the socket of a Docker engine. It hands on whatever is asked, and keeps the answers
 * of some requests for itself: to whoever asks, the engine hangs.
 */
export async function startHoldingProxy(options: {
  readonly socketPath: string;
  /** Whether the answer of a request is kept, by its method and path and by its body. */
  holds(request: string, body: string): boolean;
}): Promise<{ readonly dockerHost: string; stop(): Promise<void> }> {
  const { socketPath, holds } = options;
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { method, url, headers } = incoming;
    const keeps = holds(`${method} ${url}`, body.toString());
    const onward = request({ socketPath, method, path: url, headers }, (answer) => {
      if (keeps) return void answer.resume();
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => keeps || onward.destroy());
    onward.end(body);
  });
  const port = await onFreePort(
    (wanted) =>
      new Promise<number>((resolve, reject) => {
        server.once('error', reject);
        server.listen(wanted, '127.0.0.1', () => resolve(wanted));
      }),
  );
  return {
    dockerHost: `tcp://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
