import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/app/config.js';
import { allDocuments, blocksOf, documentBlock, kindOf } from '../support/document.js';
import { dockerClient, startService } from '../support/parts/docker.js';
import { usePart } from '../support/parts.js';

/* What readers copy from the documents works, and what the documents list is what there is. */

const run = promisify(execFile);
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'jidoka-docs-'));
});

afterAll(() => rm(dir, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, text);
  return path;
}

describe('the README', () => {
  test('has a configuration that leaves the alerts to whoever got them before', async () => {
    const path = await write(
      'alertmanager.yml',
      documentBlock('README.md', 'yaml', 'webhook_configs'),
    );
    const route = ['config', 'routes', 'test', `--config.file=${path}`, 'alertname=Any'];
    const { stdout } = await run(usePart('alertmanager').amtool, route);
    expect(stdout.trim()).toBe('jidoka,your-own');
  });

  test('has routes that send each alert to one cell', async () => {
    const block = documentBlock('docs/how-to/cells.md', 'yaml', 'jidoka-payments');
    const path = await write('cells.yml', block);
    const to = async (...labels: string[]) => {
      const route = ['config', 'routes', 'test', `--config.file=${path}`, ...labels];
      return (await run(usePart('alertmanager').amtool, route)).stdout.trim();
    };
    expect(await to('alertname=Any', 'team=payments')).toBe('jidoka-payments,your-own');
    expect(await to('alertname=Any', 'team=shop')).toBe('jidoka-others,your-own');
    expect(await to('alertname=Any')).toBe('jidoka-others,your-own');
  });

  test('has a command that gives a service its bounds', async () => {
    const service = await startService({ name: 'bounds', replicas: 1 });
    try {
      const command = documentBlock('README.md', 'sh', 'docker service update').trim();
      const [, ...args] = command.replace('shop_web', service.name).split(/\s+/);
      const env = { ...process.env, DOCKER_HOST: usePart('docker').dockerHost };
      await run('docker', [...args, '--detach'], { env });
      const { Spec } = await dockerClient().getService(service.id).inspect();
      expect(Spec.Labels).toMatchObject({ 'jidoka.scale.min': '1', 'jidoka.scale.max': '5' });
    } finally {
      await service.remove();
    }
  });

  test('names scripts that package.json has', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    const named = ['README.md', 'CONTRIBUTING.md'].flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/^\s*npm (?:run )?([a-z:]+)/gm)].map(
        ([, name = '']) => name,
      ),
    );
    expect(named).toEqual(expect.arrayContaining(['start', 'test', 'demo', 'check', 'format']));
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  test('has a reference of every setting that is read, and no other', () => {
    const read = new Set<string>();
    readConfig(
      new Proxy<Record<string, string>>(
        {},
        {
          get(_, name) {
            if (!String(name).endsWith('_FILE')) read.add(String(name));
            return undefined;
          },
        },
      ),
    );
    const listed = readFileSync('docs/reference/settings.md', 'utf8')
      .split('\n')
      .filter((row) => row.startsWith('|'))
      .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([A-Z_]+)`/g)])
      .map(([, name]) => name);
    const awsOwn = ['AWS_DEFAULT_REGION', 'AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_AUTO_SCALING'];
    expect([...read].filter((name) => !awsOwn.includes(name)).sort()).toEqual(listed.sort());
  });
});

const blocks = allDocuments().flatMap((document) =>
  blocksOf(document)
    .filter(({ notRun }) => notRun === undefined)
    .map((block) => ({ ...block, place: `${document}:${block.line}` })),
);
const yaml = (kind: string) =>
  blocks.filter((block) => block.language === 'yaml' && kindOf(block) === kind);

/** The receivers for Teams as plain webhooks: Debian's Alertmanager is older than they are. */
const withoutTeams = (text: string) =>
  text.replace(
    /msteamsv2_configs:\n( +- )webhook_url: (\S+)(\n +(title|text): .*)*/g,
    'webhook_configs:\n$1url: $2',
  );

test('the routes of the page on Alertmanager’s receivers bring an escalation to people, and others to Jidoka', async () => {
  const page = 'docs/how-to/notify-by-alertmanager.md';
  const path = await write(
    'people.yml',
    withoutTeams(documentBlock(page, 'yaml', 'JidokaEscalation')),
  );
  const to = async (...labels: string[]) => {
    const route = ['config', 'routes', 'test', `--config.file=${path}`, ...labels];
    return (await run(usePart('alertmanager').amtool, route)).stdout.trim();
  };
  expect(await to('alertname=JidokaEscalation', 'severity=critical')).toBe('pagerduty');
  expect(await to('alertname=JidokaEscalation', 'severity=warning')).toBe('teams');
  expect(await to('alertname=Any')).toBe('jidoka');
});

test.each(yaml('alertmanager'))('Alertmanager takes $place', async ({ text }) => {
  const path = await write('alertmanager.yml', withoutTeams(text));
  const { stdout } = await run(usePart('alertmanager').amtool, ['check-config', path]);
  expect(stdout).toContain('SUCCESS');
});

test.each([
  ...yaml('rules').map((block) => ({ ...block, check: ['rules'] })),
  ...yaml('prometheus').map((block) => ({ ...block, check: ['config', '--syntax-only'] })),
])('Prometheus takes $place', async ({ text, check }) => {
  const path = await write('prometheus.yml', text);
  await run(usePart('prometheus').promtool, ['check', ...check, path]);
});

test.each(yaml('stack'))('Docker takes the stack of $place', async ({ text }) => {
  const path = await write('stack.yaml', text);
  await run('docker', ['stack', 'config', '--compose-file', path]);
});

test('links between the documents lead somewhere', () => {
  const documents = [
    ...readdirSync('.').filter((name) => name.endsWith('.md')),
    ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join('docs', name)),
  ];
  const broken = documents.flatMap((document) =>
    [...readFileSync(document, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g)]
      .map(([, target = '']) => join(dirname(document), target))
      .filter((target) => !existsSync(target))
      .map((target) => `${document}: ${target}`),
  );
  expect(broken).toEqual([]);
});
