import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../lib/errors.js';

/** A request as a simulated API sees it, its body read to the end and left as it came. */
export interface SimRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly url: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface SimReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Instead of an answer: silence for `hangMs` milliseconds, then a cut connection; 0 cuts it at once. */
export interface SimSilence {
  readonly hangMs: number;
}

/** An HTTP server on a free port of 127.0.0.1. */
export interface SimServer {
  /** Listens; after a `stop` it takes the same port again. */
  start(): Promise<void>;
  /** Ends every connection, the silent ones too. */
  stop(): Promise<void>;
  /** `http://127.0.0.1:<port>`; throws before the first `start`. */
  url(): string;
}

const longestTimerMs = 2 ** 31 - 1;

/** The loopback server that each simulated API stands on. */
export function createSimServer(options: {
  readonly handle: (request: SimRequest) => SimReply | SimSilence;
}): SimServer {
  const silences = new Set<NodeJS.Timeout>();
  let server: Server | undefined;
  let port: number | undefined;

  function keepSilent(socket: ServerResponse['socket'], hangMs: number): void {
    const timer = setTimeout(
      () => {
        silences.delete(timer);
        socket?.destroy();
      },
      Math.min(hangMs, longestTimerMs),
    );
    silences.add(timer);
  }

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    const outcome = options.handle(request);
    if ('hangMs' in outcome) {
      keepSilent(response.socket, outcome.hangMs);
      return;
    }
    response.writeHead(outcome.status, outcome.headers);
    response.end(request.method === 'HEAD' ? undefined : outcome.body);
  }

  return {
    start() {
      return new Promise((resolve, reject) => {
        const started = createServer((incoming, response) => {
          answer(incoming, response).catch((error: unknown) => {
            if (response.headersSent || response.destroyed) return;
            response.writeHead(500, { 'content-type': 'text/plain' });
            response.end(`The simulation itself failed: ${messageOf(error)}`);
          });
        });
        started.once('error', reject);
        started.listen(port ?? 0, '127.0.0.1', () => {
          server = started;
          port = (started.address() as AddressInfo).port;
          resolve();
        });
      });
    },
    stop() {
      for (const timer of silences) clearTimeout(timer);
      silences.clear();
      const stopped = server;
      server = undefined;
      return new Promise((resolve) => {
        if (stopped === undefined) return resolve();
        stopped.close(() => resolve());
        stopped.closeAllConnections();
      });
    },
    url() {
      if (port === undefined)
        throw new Error('This simulation has no address yet: start it first.');
      return `http://127.0.0.1:${port}`;
    },
  };
}

async function readRequest(incoming: IncomingMessage): Promise<SimRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const url = incoming.url ?? '/';
  const parsed = new URL(url, 'http://localhost');
  return {
    method: incoming.method ?? 'GET',
    url,
    path: parsed.pathname,
    query: parsed.searchParams,
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}
