import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A request as a test sees it. */
export interface SeenRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Reply = (
  status: number,
  body?: string | Buffer,
  headers?: Readonly<Record<string, string>>,
) => void;

/** A server on loopback that answers as a test says. */
export type HttpServer = Awaited<ReturnType<typeof startHttpServer>>;

export async function startHttpServer() {
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer(async (request, response) => {
    const { method = '', url: path = '', headers, socket } = request;
    let body = '';
    for await (const chunk of request) body += chunk;
    const seen = { method, path, headers, body };
    requests.push(seen);
    const reply: Reply = (status, text = '', more = {}) => {
      response.writeHead(status, more).end(text);
    };
    state.answer(seen, reply, socket);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const state = {
    origin: `http://127.0.0.1:${port}`,
    /** Everything that arrived, in order. */
    requests,
    /** How many connections are open. */
    open: () => sockets.size,
    /** What is done with a request; until a test says otherwise it is answered with 200. */
    answer: ((_, reply) => reply(200)) as (
      request: SeenRequest,
      reply: Reply,
      socket: Socket,
    ) => void,
    async stop(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
  return state;
}
