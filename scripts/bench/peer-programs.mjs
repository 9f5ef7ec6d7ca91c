// How the programs that the engine is compared with are found, set up and ended.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { path, until } from './common.mjs';
import { freePort } from './engine.mjs';

/** `isKept`: what it does, it does in one process that lives on. */
export const peers = [
  {
    name: 'webhook running curl',
    how: 'apt-get install webhook curl',
    isKept: false,
    find: findWebhook,
    start: startWebhook,
  },
  {
    name: 'Node-RED',
    how: 'npm install node-red into a folder of its own, and its program on the PATH or in NODE_RED',
    isKept: true,
    find: findNodeRed,
    start: startNodeRed,
  },
];

function findWebhook() {
  const version = /webhook version (\S+)/.exec(said('webhook', ['--version']))?.[1];
  const curl = /^curl (\S+)/.exec(said('curl', ['--version']))?.[1];
  return version && curl ? { versions: { webhook: version, curl } } : null;
}

/** It answers at once, and then runs the command. */
async function startWebhook({ origin, dir }) {
  const port = await freePort();
  const [, prefix, id] = path.split('/');
  const args = ['-s', '-o', '/dev/null', '-X', 'POST', '-d', '{}', `${origin}/services/x/update`];
  const hook = {
    id,
    'http-methods': ['POST'],
    'execute-command': programOf('curl'),
    'pass-arguments-to-command': args.map((name) => ({ source: 'string', name })),
  };
  const file = join(dir, 'hooks.json');
  writeFileSync(file, JSON.stringify([hook]));
  const own = ['-hooks', file, '-ip', '127.0.0.1', '-port', String(port), '-urlprefix', prefix];
  return start('webhook', own, port, dir);
}

function findNodeRed() {
  const program = process.env.NODE_RED ?? programOf('node-red');
  if (program === null) return null;
  // …/node_modules/node-red/red.js, by whatever links it is found
  const { version } = JSON.parse(
    readFileSync(join(dirname(realpathSync(program)), 'package.json'), 'utf8'),
  );
  return { program, versions: { 'Node-RED': version } };
}

async function startNodeRed({ found, origin, dir }) {
  const port = await freePort();
  const settings = { uiPort: port, uiHost: '127.0.0.1', userDir: dir, flowFile: 'flows.json' };
  const quiet = {
    disableEditor: true,
    httpAdminRoot: false,
    logging: { console: { level: 'off' } },
  };
  const tab = { z: 'tab' };
  const flow = [
    { id: 'tab', type: 'tab', label: 'bench' },
    { ...tab, id: 'in', type: 'http in', url: path, method: 'post', wires: [['answer', 'call']] },
    { ...tab, id: 'answer', type: 'http response', statusCode: '200', headers: {}, wires: [] },
    {
      ...tab,
      id: 'call',
      type: 'http request',
      method: 'POST',
      ret: 'txt',
      persist: true,
      url: `${origin}/services/x/update`,
      wires: [[]],
    },
  ];
  const file = join(dir, 'settings.js');
  writeFileSync(file, `module.exports = ${JSON.stringify({ ...settings, ...quiet })};\n`);
  writeFileSync(join(dir, 'flows.json'), JSON.stringify(flow));
  return start(found.program, ['--settings', file], port, dir);
}

/** A program that listens on a port of loopback; it is ended by `stop`. */
async function start(program, args, port, dir) {
  const url = `http://127.0.0.1:${port}${path}`;
  const { PATH } = process.env;
  const child = spawn(program, args, {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH, HOME: dir },
  });
  let said = '';
  for (const output of [child.stdout, child.stderr]) {
    output.on('data', (chunk) => {
      said = (said + chunk).slice(-500);
    });
  }
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  try {
    await until(
      async () => {
        if (child.exitCode !== null) throw new Error(`it ended: ${said.trim()}`);
        return takes(url);
      },
      'it takes alerts',
      60_000,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

/** Whether it knows the address; asked in a way that has it do nothing. */
async function takes(url) {
  const answer = await fetch(url, { method: 'OPTIONS' }).catch(() => null);
  await answer?.arrayBuffer();
  return answer !== null && answer.status !== 404;
}

/** Where a program lies; `null`: it is not installed. */
function programOf(name) {
  const found = said('sh', ['-c', `command -v ${name}`]).trim();
  return found === '' ? null : found;
}

function said(program, args) {
  const { stdout, status } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? stdout : '';
}
