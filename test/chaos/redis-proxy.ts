import { connect, createServer, type Socket } from 'node:net';
import type { AuditRecord } from '../../src/ledger/audit.js';
import type { Write } from '../../src/ledger/transaction.js';
import type { Gate } from './gate.js';
import { type GoBetween, listening } from './proxy.js';
import { createRequestReader } from './resp.js';

/**
 * Stands between an engine and Redis, and has the engine's durable writes pass a gate: the ledger's
 * transactions, by what their audit record says, and the notifications that go into the queue.
 */
export async function startRedisProxy({
  port,
  gate,
}: {
  readonly port: number;
  readonly gate: Gate;
}): Promise<GoBetween> {
  const sockets = new Set<Socket>();
  const server = createServer((engine) => {
    const redis = connect(port, '127.0.0.1');
    const read = createRequestReader();
    let answering = true;
    for (const socket of [engine, redis]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        engine.destroy();
        redis.end();
      });
    }
    engine.on('data', (chunk) => {
      for (const { raw, args } of read(chunk)) {
        const kind = kindOf(args);
        const passage = kind === undefined ? 'pass' : gate.pass(kind);
        if (passage === 'stop') return;
        if (passage === 'last') answering = false;
        redis.write(raw);
      }
    });
    redis.on('data', (chunk) => {
      if (answering) engine.write(chunk);
    });
  });
  const { port: own } = await listening(server);
  return {
    port: own,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** What a request writes; `undefined` for reads and for the bookkeeping of queues. */
function kindOf(args: readonly string[]): string | undefined {
  const [command = '', , , key = '', ...rest] = args;
  if (!/^eval(sha)?$/i.test(command)) return undefined;
  if (!key.endsWith(':ledger:schedule')) {
    return args.some((arg) => arg.includes('"receivedAtMs":')) ? 'notification' : undefined;
  }
  // behind the ledger's id, its marks and the fence
  const writes = writesOf(rest.slice(3));
  const records = writes.flatMap(([name, ...parts]) =>
    name === 'XADD' ? [JSON.parse(String(parts.at(-1))) as AuditRecord] : [],
  );
  if (records.length > 0) return records.map(({ subject, event }) => `${subject} ${event}`).join();
  return writes.map(([name]) => name).join();
}

/** The writes of all transactions of a script, as `transaction-script.ts` reads them. */
function writesOf(sent: readonly string[]): Write[] {
  const writes: Write[] = [];
  let at = 0;
  while (at < sent.length) {
    const count = Number(sent[at + 2]);
    at += 3;
    for (let index = 0; index < count; index += 1) {
      const length = Number(sent[at]);
      writes.push(sent.slice(at + 1, at + 1 + length) as unknown as Write);
      at += 1 + length;
    }
  }
  return writes;
}
