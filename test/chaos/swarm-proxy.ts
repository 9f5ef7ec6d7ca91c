import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Gate } from './gate.js';
import { type GoBetween, listening } from './proxy.js';

/** Stands between an engine and the simulated Swarm, and has every request pass a gate. */
export async function startSwarmProxy({
  url,
  gate,
}: {
  readonly url: string;
  readonly gate: Gate;
}): Promise<GoBetween> {
  const server = createServer((incoming, response) => {
    serve(incoming, response).catch(() => response.destroy());
  });

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const passage = gate.pass(kindOf(incoming));
    if (passage === 'stop') return void response.destroy();
    const { method, headers } = incoming;
    const onward = request(`${url}${incoming.url}`, { method, headers }, (answer) => {
      if (passage === 'last') return void answer.resume();
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    onward.end(Buffer.concat(chunks));
  }

  const { port } = await listening(server);
  return {
    port,
    async stop() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** `POST update`, `GET service`, `GET tasks`, … */
function kindOf({ method, url = '' }: IncomingMessage): string {
  const path = url.replace(/\?.*$/, '').replace(/^\/v[\d.]+/, '');
  const [, what = '', id, deed] = path.split('/');
  return `${method} ${deed ?? (id === undefined ? what : what.replace(/s$/, ''))}`;
}
