import { spawn } from 'node:child_process';
import { access, constants, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { PartMissingError } from '../lib/errors.js';
import { runs } from './child.js';

/** Folders that hold daemons and may be missing from a user's PATH. */
const defaultFolders = ['/usr/local/bin', '/usr/bin', '/usr/sbin', '/usr/local/sbin'];

/**
 * The path of a program, which is installed from Debian's or Ubuntu's packages where it is missing
 * and this user may do that (root, or sudo without a password). `log` gets one line before an
 * installation. Throws a PartMissingError that says how to get it.
 */
export async function ensureProgram(options: {
  readonly program: string;
  readonly package: string;
  readonly log?: (line: string) => void;
}): Promise<string> {
  const found = await findProgram(options.program);
  if (found !== undefined) return found;

  const manual = `sudo apt-get install ${options.package}`;
  if (!runs(['apt-get', '--version'])) {
    throw new PartMissingError(
      `${options.program} is not installed: install it with this system's package manager (on Debian and Ubuntu: ${manual})`,
    );
  }
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && !runs(['sudo', '-n', 'true'])) {
    throw new PartMissingError(
      `${options.program} is not installed, and this user may not install it: run "${manual}"`,
    );
  }
  options.log?.(
    `${options.program} is missing: installing the package ${options.package} with apt-get …`,
  );
  await install(options.package, isRoot);
  const installed = await findProgram(options.program);
  if (installed === undefined) {
    throw new PartMissingError(
      `the package ${options.package} was installed but brought no ${options.program}: see "dpkg -L ${options.package}"`,
    );
  }
  return installed;
}

/** Looks in PATH and in the usual folders of daemons. */
async function findProgram(program: string): Promise<string | undefined> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...defaultFolders];
  for (const folder of folders.filter((folder) => folder !== '')) {
    const path = join(folder, program);
    try {
      await access(path, constants.X_OK);
      if ((await stat(path)).isFile()) return path;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

/**
 * Installs a package, and starts no service that it brings: a `policy-rc.d` says so to Debian's
 * package scripts for as long as this takes, unless the system has one of its own. The package lists
 * are fetched only where the installation fails without that. Installations wait for each other:
 * ours by a lock on a folder (which leaves nothing behind), other programs' by apt itself. What apt
 * says goes to a file first, so that it can finish even when its reader is gone.
 */
const script = `
policy=/usr/sbin/policy-rc.d
output=$(mktemp)
remove=
trap 'cat "$output"; rm -f "$output" $remove' EXIT
if [ ! -e "$policy" ]; then
  remove=$policy
  printf '#!/bin/sh\\nexit 101\\n' > "$policy" && chmod 755 "$policy"
fi
install() {
  apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "$1"
}
update() {
  for try in 1 2 3 4 5; do
    apt-get update && return
    sleep 3
  done
  return 1
}
{ install "$1" || { update && install "$1"; }; } > "$output" 2>&1
`;

function install(name: string, isRoot: boolean): Promise<void> {
  const command = [
    ...(isRoot ? [] : ['sudo', '-n']),
    ...['env', 'DEBIAN_FRONTEND=noninteractive', 'LC_ALL=C'],
    ...['flock', '/var/cache/apt', 'sh', '-c', script, 'install', name],
  ];
  return new Promise((resolve, reject) => {
    // a session of its own: a Ctrl+C must not interrupt dpkg half-way
    const child = spawn(command[0] ?? '', command.slice(1), {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-2_000);
      });
    }
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) return resolve();
      const lines = said.trim().split('\n');
      const reason = lines.filter((line) => line.startsWith('E: ')).join(' ') || lines.at(-1);
      reject(new PartMissingError(`apt-get could not install ${name}: ${reason}`));
    });
  });
}
