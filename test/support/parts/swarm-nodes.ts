import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { type Child, startChild, untilReady } from '../../../src/local/child.js';
import { ensureProgram } from '../../../src/local/packages.js';
import { importImage } from './docker.js';
import { engineScript, findBusybox, group, removeGroups } from './dockerd.js';
import { removeDir } from './place.js';

/** An engine on a machine of its own, as far as its network, its name and its processes go. */
export interface TestNode {
  readonly name: string;
  readonly address: string;
  /** As `DOCKER_HOST` takes it. */
  readonly dockerHost: string;
  readonly docker: Docker;
  /** Pulls the plug: the engine and all its containers are gone at once. */
  kill(): Promise<void>;
}

/** A wire to which machines are connected. */
const wireScript = `
mount -t tmpfs tmpfs /run
ip link set lo up
ip link add name wire type bridge
ip link set wire up
echo ready
exec sleep infinity
`;

/** Starts a machine in namespaces of its own and puts its end of a cable onto the wire. */
const cableScript = `
name=$1 address=$2 engine=$3
shift 3
unshare --mount --net --uts --pid --fork --kill-child --mount-proc \\
  sh -euc "until ip link set eth0 up 2> /dev/null; do sleep 0.05; done
    ip addr add $address/24 dev eth0; hostname $name; $engine" sh "$@" &
machine=$!
until [ "$(readlink /proc/$machine/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do sleep 0.05; done
ip link add "$name" type veth peer name eth0 netns "$machine"
ip link set "$name" master wire up
wait "$machine"
`;

/**
 * Machines with an engine each, that reach each other and nothing else. It needs root. Nothing is left in
 * the host's network, and whatever runs ends with `stop` or with this process.
 */
export async function startSwarmNodes(dir: string, log: (line: string) => void) {
  if (process.getuid?.() !== 0) {
    throw new Error('a Swarm of several nodes needs network namespaces: run the tests as root');
  }
  await ensureProgram({ program: 'ip', package: 'iproute2', log });
  await ensureProgram({ program: 'iptables', package: 'iptables', log });
  const dockerd = await ensureProgram({ program: 'dockerd', package: 'docker.io', log });
  const busybox = await findBusybox(log);
  // the path of a socket may not be long
  const sockets = await mkdtemp(join(tmpdir(), 'jidoka-test-'));
  const nodes: TestNode[] = [];
  let wired = false;
  const wire = startChild({
    command: ['unshare', '--mount', '--net', 'sh', '-euc', wireScript],
    deathSignal: 'SIGKILL',
    onLine: (line) => {
      wired ||= line === 'ready';
    },
  });

  async function stop(): Promise<void> {
    await Promise.all(nodes.map((node) => node.kill()));
    await wire.stop(0);
    await removeGroups();
    await Promise.all([removeDir(dir), removeDir(sockets)]);
  }

  try {
    const failure = (detail: string) => new Error(`no network for the nodes: it ${detail}`);
    await untilReady(wire, { ready: async () => wired, timeoutMs: 10_000, failure });
  } catch (error) {
    await stop();
    throw error;
  }

  /** Starts an engine. Its name is that of its host; the address is one of 10.99.0.0/24. */
  async function add(name: string, address: string, image: string): Promise<TestNode> {
    const home = join(dir, name);
    const socketPath = join(sockets, name);
    await mkdir(home, { recursive: true });
    await writeFile(join(home, 'resolv.conf'), 'nameserver 127.0.0.1\n');
    const inWire = ['--target', String(wire.pid), '--mount', '--net'];
    const engine = [home, socketPath, group, busybox, dockerd];
    const cable = ['sh', '-euc', cableScript, 'sh', name, address, engineScript, ...engine];
    const child = startChild({
      command: ['nsenter', ...inWire, ...cable],
      deathSignal: 'SIGKILL',
      onLine: () => {},
    });
    const docker = new Docker({ socketPath, host: undefined, protocol: 'http', timeout: 30_000 });
    const node = {
      name,
      address,
      dockerHost: `unix://${socketPath}`,
      docker,
      kill: () => killMachine(child),
    };
    nodes.push(node);
    const answers = () =>
      docker.ping().then(
        () => true,
        () => false,
      );
    await untilReady(child, {
      ready: async () => existsSync(socketPath) && (await answers()),
      timeoutMs: 60_000,
      failure: (detail) => new Error(`the engine of ${name} did not start: it ${detail}`),
    });
    await importImage(docker, busybox, image);
    return node;
  }

  return { add, stop };
}

/** Ends the first process of a machine, and with it all others. */
async function killMachine(cable: Child): Promise<void> {
  for (const unshare of await childrenOf(cable.pid)) {
    for (const first of await childrenOf(unshare)) process.kill(first, 'SIGKILL');
  }
  await cable.stop(5_000);
}

async function childrenOf(pid: number | undefined): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}
