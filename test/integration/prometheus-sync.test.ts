import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { AlertRule } from '../../src/monitoring/monitoring.js';
import { writeRuleFile } from '../../src/monitoring/rule-file.js';
import { untilPasses } from '../support/eventually.js';
import { makeDir } from '../support/parts/place.js';
import { startPrometheus } from '../support/parts/prometheus.js';

/* `jidoka prometheus sync` as it was built, beside a real Prometheus. */

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const rule = (alert: string, expr = 'up == 0', annotations = {}): AlertRule => ({
  ...{ alert, expr, for: undefined, labels: { service: 'web' }, annotations },
});

/** An engine that gives the rules that it is told to, and takes reports. */
async function startEngine() {
  const engine = { text: undefined as string | undefined, refused: [] as unknown[], url: '' };
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        engine.refused = JSON.parse(body).rules;
        response.end('{}');
      });
      return;
    }
    if (engine.text === undefined) response.writeHead(503).end('{}');
    else response.setHeader('etag', `"${Buffer.from(engine.text).length}"`).end(engine.text);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  undo.push(async () => server.close());
  engine.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return engine;
}

async function startSync(engineUrl: string, rulesFile: string, prometheusUrl: string) {
  const args = ['--engine', engineUrl, '--rules-file', rulesFile];
  const child = spawn(
    process.execPath,
    ['dist/main.js', 'prometheus', 'sync', ...args, '--reload', `${prometheusUrl}/-/reload`],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const exited = once(child, 'exit');
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    return (await exited)[0] as number | null;
  };
  undo.push(() => stop('SIGKILL'));
  return stop;
}

async function loadedIn(url: string): Promise<string[]> {
  const answer = await fetch(`${url}/api/v1/rules`);
  const { data } = (await answer.json()) as {
    data: { groups: { name: string; rules: { name: string }[] }[] };
  };
  return data.groups.flatMap(({ name, rules }) => rules.map((one) => `${name}/${one.name}`));
}

async function startWorld() {
  const dir = await makeDir('sync');
  const rulesFile = join(dir, 'jidoka.yml');
  const options = { rules: [], alertmanagerUrl: 'http://127.0.0.1:9', evaluationIntervalMs: 5_000 };
  const prometheus = await startPrometheus({ ...options, ruleFile: rulesFile });
  undo.push(prometheus.stop);
  const engine = await startEngine();
  const again = () =>
    startPrometheus({
      ...options,
      ruleFile: rulesFile,
      port: Number(new URL(prometheus.url).port),
    });
  return { rulesFile, prometheus, engine, again };
}

test('the good rules load beside a type error and a bad template, which are reported', async () => {
  const { rulesFile, prometheus, engine } = await startWorld();
  engine.text = writeRuleFile([
    { name: 'web', rules: [rule('Good'), rule('Typed', 'rate(sum(x))')] },
    { name: 'api', rules: [rule('Templated', 'up', { a: '{{ .X | nope }}' }), rule('Fine')] },
  ]);
  await startSync(engine.url, rulesFile, prometheus.url);
  await untilPasses(async () => {
    expect(await loadedIn(prometheus.url)).toEqual(['api/Fine', 'web/Good']);
    expect(engine.refused).toHaveLength(2);
  });
  expect(engine.refused).toEqual([
    {
      service: 'api',
      alert: 'Templated',
      error: expect.stringContaining('check the templates'),
    },
    {
      service: 'web',
      alert: 'Typed',
      error: expect.stringContaining('expected type range vector'),
    },
  ]);
  expect(existsSync(`${rulesFile}.last-good`)).toBe(false);

  engine.text = writeRuleFile([{ name: 'web', rules: [rule('Good', 'up == 1'), rule('More')] }]);
  await untilPasses(async () => {
    expect(await loadedIn(prometheus.url)).toEqual(['web/Good', 'web/More']);
    expect(engine.refused).toEqual([]);
  });
});

test('the last good rules stay while the engine or Prometheus is away, in whatever order they come back', async () => {
  const { rulesFile, prometheus, engine, again } = await startWorld();
  const one = writeRuleFile([{ name: 'web', rules: [rule('One')] }]);
  engine.text = one;
  const stop = await startSync(engine.url, rulesFile, prometheus.url);
  await untilPasses(async () => expect(await loadedIn(prometheus.url)).toEqual(['web/One']));
  engine.text = undefined;
  expect(await stop()).toBe(0);

  // it was killed while it tried rules, of which Prometheus would not start
  await writeFile(`${rulesFile}.last-good`, one);
  await writeFile(
    rulesFile,
    writeRuleFile([{ name: 'web', rules: [rule('Bad', 'rate(sum(x))')] }]),
  );
  await prometheus.stop();
  await startSync(engine.url, rulesFile, prometheus.url);
  await untilPasses(async () => expect(await readFile(rulesFile, 'utf8')).toBe(one));

  // Prometheus is away: what it has not taken does not stay in the file that it starts with
  engine.text = writeRuleFile([{ name: 'web', rules: [rule('One'), rule('Two')] }]);
  const restarted = await again();
  undo.push(restarted.stop);
  await untilPasses(async () =>
    expect(await loadedIn(restarted.url)).toEqual(['web/One', 'web/Two']),
  );
});
