import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { makeDir } from './parts/place.js';
import { usePart } from './parts.js';

const inside = `
const net = require('node:net');
const [port, path] = process.argv.slice(1);
net.createServer((from) => {
  const to = net.connect(Number(port), '127.0.0.1');
  from.on('error', () => to.destroy()).pipe(to);
  to.on('error', () => from.destroy()).pipe(from);
}).listen(path, () => process.stdout.write('listening'));
`;

/**
 * Makes a loopback port of the tests' engine one of this machine, where the engine has a network of its own.
 * Gives back what ends it.
 */
export async function relayPort(port: number): Promise<() => Promise<void>> {
  const { network } = usePart('docker');
  if (network === undefined) return async () => {};
  const path = join(await makeDir('relay'), 'socket');
  const args = [`--net=${network}`, process.execPath, '-e', inside, String(port), path];
  const child = spawn('nsenter', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = async () => {
    const exited = once(child, 'exit');
    child.kill();
    await exited;
  };
  await once(child.stdout, 'data');
  const server = createServer((from) => {
    const to = connect(path);
    from.on('error', () => to.destroy()).pipe(to);
    to.on('error', () => from.destroy()).pipe(from);
  });
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    await stop();
    throw error;
  }
  return async () => {
    server.close();
    await stop();
  };
}
