import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import { identity } from './identity.js';
import { type Acknowledged, patienceMs } from './send.js';

/** The end of Slack that an app in Socket Mode connects to. */
export interface SocketMode {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** `apps.connections.open`: an address that one connection can use once, within 30 s. */
  open(): Record<string, unknown>;
  /** How many connections have been greeted and stand. */
  connections(): number;
  /**
   * Brings an interaction to one of the connections. One that is not acknowledged, or whose connection is
   * lost meanwhile, is sent again to whichever connection there is then.
   *
   * @throws when none has acknowledged it in the end
   */
  deliver(payload: Readonly<Record<string, unknown>>): Promise<Acknowledged>;
  /** Asks the app to connect again and closes the connections, as Slack does every few hours. */
  refresh(): void;
  /** Cuts the connections without a word. */
  drop(): void;
  /** From now on this many interactions are not seen as acknowledged, though the app has answered. */
  loseAcknowledgements(count: number): void;
  /** What was wrong with what the app sent. */
  readonly faults: readonly string[];
}

const ticketMs = 30_000;
const tries = 5;
/** How long an interaction waits for a connection. */
const waitForConnectionMs = 10_000;

export function createSocketMode(): SocketMode {
  const tickets = new Map<string, number>();
  const sockets = new Set<WebSocket>();
  const waiting = new Map<string, (payload: unknown) => void>();
  const faults: string[] = [];
  let server: WebSocketServer | undefined;
  let toLose = 0;

  function greet(socket: WebSocket): void {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('message', (data) => read(String(data)));
    const info = { host: 'applink-simulated', approximate_connection_time: 18_060 };
    socket.send(
      JSON.stringify({
        type: 'hello',
        num_connections: sockets.size,
        connection_info: { app_id: identity.appId },
        debug_info: info,
      }),
    );
  }

  function read(text: string): void {
    let message: { envelope_id?: unknown; payload?: unknown };
    try {
      message = JSON.parse(text);
    } catch {
      faults.push(`no JSON: ${text}`);
      return;
    }
    const acknowledge = waiting.get(String(message.envelope_id));
    if (acknowledge === undefined) faults.push(`acknowledges what was not sent: ${text}`);
    else if (toLose > 0) toLose -= 1;
    else acknowledge(message.payload);
  }

  async function connection(): Promise<WebSocket> {
    for (let waitedMs = 0; waitedMs < waitForConnectionMs; waitedMs += 20) {
      const open = [...sockets].filter((socket) => socket.readyState === socket.OPEN);
      const any = open[Math.floor(Math.random() * open.length)];
      if (any !== undefined) return any;
      await sleep(20);
    }
    throw new Error('No app is connected: the person sees an error.');
  }

  async function acknowledged(socket: WebSocket, envelopeId: string): Promise<unknown> {
    const lost = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const answer = new Promise<{ payload: unknown }>((resolve) => {
      waiting.set(envelopeId, (payload) => resolve({ payload }));
    });
    return Promise.race([answer, lost, sleep(patienceMs)]);
  }

  return {
    faults,
    start() {
      return new Promise((resolve) => {
        server = new WebSocketServer({
          host: '127.0.0.1',
          port: 0,
          verifyClient: ({ req }: { req: IncomingMessage }) => {
            const ticket =
              new URL(req.url ?? '/', 'ws://localhost').searchParams.get('ticket') ?? '';
            const openedAtMs = tickets.get(ticket) ?? Number.NEGATIVE_INFINITY;
            tickets.delete(ticket);
            return Date.now() - openedAtMs <= ticketMs;
          },
        });
        server.on('connection', greet);
        server.once('listening', resolve);
      });
    },
    stop() {
      for (const socket of sockets) socket.terminate();
      return new Promise((resolve) => {
        if (server === undefined) return resolve();
        server.close(() => resolve());
        server = undefined;
      });
    },
    open() {
      if (server === undefined) throw new Error('This simulation has no socket: start it first.');
      const ticket = randomBytes(16).toString('hex');
      tickets.set(ticket, Date.now());
      const { port } = server.address() as AddressInfo;
      return { url: `ws://127.0.0.1:${port}/link/?ticket=${ticket}&app_id=${identity.appId}` };
    },
    connections: () => sockets.size,
    async deliver(payload) {
      const envelopeId = randomBytes(8).toString('hex');
      const envelope = { envelope_id: envelopeId, type: 'interactive', payload };
      const startedAt = performance.now();
      for (let count = 0; count < tries; count += 1) {
        const socket = await connection();
        const answer = acknowledged(socket, envelopeId);
        socket.send(JSON.stringify({ ...envelope, accepts_response_payload: true }));
        const result = (await answer) as { payload?: Record<string, unknown> } | undefined;
        if (result === undefined) continue;
        waiting.delete(envelopeId);
        const empty = Object.keys(result.payload ?? {}).length === 0;
        const body = empty ? '' : JSON.stringify(result.payload);
        return { status: 200, body, elapsedMs: performance.now() - startedAt };
      }
      throw new Error(`No app acknowledged the interaction, though it was sent ${tries} times.`);
    },
    refresh() {
      for (const socket of sockets) {
        socket.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }));
      }
    },
    drop() {
      for (const socket of sockets) socket.terminate();
    },
    loseAcknowledgements(count) {
      toLose = count;
    },
  };
}
