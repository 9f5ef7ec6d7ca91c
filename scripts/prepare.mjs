// Makes a checkout ready to run: packages installed, TypeScript built. It uses nothing but Node,
// because it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The path of the built program, after everything that it needs was installed and built. */
export function prepare() {
  requireNode();
  if (!packagesMatchLock()) {
    say('installing packages …');
    // the development packages too, NODE_ENV=production or not: they build it
    run('npm', ['ci', '--include=dev', '--loglevel=error'], 'the packages could not be installed');
  }
  const main = join(root, 'dist', 'main.js');
  // what the build writes last
  const bundle = join(root, 'dist', 'bundle');
  if (!existsSync(bundle) || statSync(bundle).mtimeMs < newestChange()) {
    say('building …');
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const args = [compiler, '-p', 'tsconfig.build.json', '--noEmitOnError'];
    run(process.execPath, args, 'the build failed');
    run(process.execPath, [join('scripts', 'bundle.mjs')], 'the build failed');
    // so that npx jidoka can run it
    chmodSync(main, 0o755);
  }
  return main;
}

function requireNode() {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const wanted = engines.node.replace('>=', '');
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [wantedMajor, wantedMinor] = wanted.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  fail(
    `Jidoka needs Node ${wanted} or newer, and this is ${process.versions.node}: install a current Node from https://nodejs.org`,
  );
}

/** Whether what npm noted when it installed is what package-lock.json asks for. */
function packagesMatchLock() {
  const noted = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(noted)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(noted, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, integrity, optional }]) =>
      path === '' ||
      (installed[path] === undefined
        ? optional === true
        : installed[path].version === version && installed[path].integrity === integrity),
  );
}

/** When something that the build reads was last changed; a folder's own time tells of removed files. */
function newestChange() {
  const sources = readdirSync(join(root, 'src'), { recursive: true }).map((path) =>
    join(root, 'src', path),
  );
  const settings = [
    'tsconfig.json',
    'tsconfig.build.json',
    'src',
    'scripts/bundle.mjs',
    // the bundle holds packages, too
    'node_modules/.package-lock.json',
  ].map((path) => join(root, path));
  return Math.max(...[...sources, ...settings].map((path) => statSync(path).mtimeMs));
}

function run(program, args, complaint) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0)
    fail(error === undefined ? `${complaint}: see above` : `${complaint}: ${error.message}`);
}

function say(text) {
  process.stderr.write(`jidoka: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}
