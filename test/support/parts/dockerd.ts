import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { type Child, startChild, untilReady } from '../../../src/local/child.js';
import { ensureProgram } from '../../../src/local/packages.js';
import { removeDir } from './place.js';

/** sun_path of unix(7) holds 108 bytes. */
const maxSocketPathBytes = 100;
/** The control group that holds those of the containers. */
export const group = `jidoka-test-${process.pid}`;

/** Control groups as the system has them, or where it has none, of this namespace only. */
const mountCgroups = `
grep -q ' cgroup2\\? ' /proc/mounts || mount -t cgroup2 cgroup2 /sys/fs/cgroup
`;

/**
 * Runs in namespaces of its own, where it is process 1. What an engine would leave behind in the
 * host's network, firewall, mounts and process table is gone with them. Nothing but the API's socket
 * is seen from outside. Names are looked up nowhere, so that an image that is there already is not
 * first asked for at a registry. The shell stays, because process 1 has to collect the engine's orphans.
 */
export const engineScript = `
dir=$1 socket=$2 group=$3 busybox=$4 dockerd=$5
mount -t tmpfs tmpfs /run
case "$dir $busybox $dockerd" in */opt/*) ;; *) mount -t tmpfs tmpfs /opt ;; esac
if [ -d /etc/docker ]; then mount -t tmpfs tmpfs /etc/docker; fi
if [ -f /etc/resolv.conf ]; then mount --bind "$dir/resolv.conf" /etc/resolv.conf; fi
${mountCgroups}
"$busybox" ip link set lo up
"$dockerd" --host "unix://$socket" --data-root "$dir/data" --exec-root /run/docker \\
  --pidfile /run/docker.pid --cgroup-parent "/$group" --log-level warn
exit
`;

const cleaning = `
${mountCgroups}
for group in /sys/fs/cgroup/jidoka-test-* /sys/fs/cgroup/*/jidoka-test-*; do
  pid=\${group##*-}
  if [ "$pid" = "$1" ] || [ ! -d "/proc/$pid" ]; then
    find "$group" -depth -type d -exec rmdir {} + 2> /dev/null
  fi
done
true
`;

/**
 * A Docker engine of our own that manages a Swarm of one node. It needs root. Its data is in `dir`;
 * `stop` ends it with all its containers, and so does the end of this process.
 */
export async function startDockerd(
  dir: string,
  log: (line: string) => void,
): Promise<{
  readonly socketPath: string;
  /** The network namespace of the engine and of containers on its host's network. */
  readonly network: string;
  stop(): Promise<void>;
}> {
  if (process.getuid?.() !== 0) {
    throw new Error(
      'no engine that manages a Swarm answers at DOCKER_HOST or at the default socket, and only root can start one: run "docker swarm init" on an engine you have, or the tests as root',
    );
  }
  const dockerd = await ensureProgram({ program: 'dockerd', package: 'docker.io', log });
  const busybox = await findBusybox(log);
  const inside = join(dir, 'docker.sock');
  const fits = Buffer.byteLength(inside) <= maxSocketPathBytes;
  const socketDir = fits ? dir : await mkdtemp(join(tmpdir(), 'jidoka-test-'));
  const socketPath = join(socketDir, 'docker.sock');
  await removeGroups();
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'resolv.conf'), 'nameserver 127.0.0.1\n');

  const namespaces = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const shell = ['sh', '-euc', engineScript, 'sh', dir, socketPath, group, busybox, dockerd];
  const child = startChild({
    command: ['unshare', ...namespaces, ...shell],
    // the engine is process 1 in there: the kernel ends whatever it started together with it
    deathSignal: 'SIGKILL',
    onLine: () => {},
  });
  const client = new Docker({ socketPath, host: undefined, protocol: 'http', timeout: 20_000 });
  const stop = async () => {
    await endEngine(child);
    await removeGroups();
    await removeDir(dir);
    if (!fits) await removeDir(socketDir);
  };
  try {
    await untilReady(child, {
      ready: async () =>
        existsSync(socketPath) &&
        (await client.ping().then(
          () => true,
          () => false,
        )),
      timeoutMs: 60_000,
      failure: (detail) => new Error(`dockerd did not start: it ${detail}`),
    });
    await client.swarmInit({ ListenAddr: '127.0.0.1:2377', AdvertiseAddr: '127.0.0.1' });
  } catch (error) {
    await stop();
    throw error;
  }
  return { socketPath, network: `/proc/${child.pid}/ns/net`, stop };
}

/** Ends the engine, which is the one child of unshare: unshare itself does not heed SIGTERM. */
async function endEngine(unshare: Child): Promise<void> {
  const children = `/proc/${unshare.pid}/task/${unshare.pid}/children`;
  const [engine] = (await readFile(children, 'utf8').catch(() => '')).split(' ').filter(Boolean);
  if (engine !== undefined) process.kill(Number(engine), 'SIGKILL');
  await unshare.stop(engine === undefined ? 0 : 10_000);
}

/** A busybox that needs no library of the system: all that an image for the tests has to hold. */
export function findBusybox(log: (line: string) => void): Promise<string> {
  return ensureProgram({ program: 'busybox', package: 'busybox-static', log });
}

/** Removes the empty control groups that killed containers leave: ours, and those of runs that were killed. */
export async function removeGroups(): Promise<void> {
  const shell = ['sh', '-uc', cleaning, 'sh', String(process.pid)];
  await promisify(execFile)('unshare', ['--mount', ...shell]);
}
