import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { usePart } from '../support/parts.js';

interface Service {
  readonly image?: string;
  readonly command?: string;
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly secrets?: readonly string[];
}

const root = resolve(import.meta.dirname, '../..');
const read = (file: string) => parse(readFileSync(join(root, file), 'utf8'));
const compose: {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: object;
  readonly volumes: object;
} = read('docker-compose.yml');
const run = promisify(execFile);

test('nothing is published beyond this machine', () => {
  const ports = Object.values(compose.services).flatMap((service) => service.ports ?? []);
  expect(ports).toContain('127.0.0.1:9095:9095');
  expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
});

test('its Redis keeps everything', () => {
  const command = compose.services.redis?.command;
  expect(command).toContain('--appendonly yes');
  expect(command).toContain('--maxmemory-policy noeviction');
  expect(compose.services.redis?.volumes).toEqual(['redis:/data']);
});

test('the addresses in it are those of its services', () => {
  const { environment } = compose.services.jidoka ?? {};
  const { receivers } = read('prometheus/alertmanager.yml');
  const prometheus = read('prometheus/prometheus.yml');
  const webhook = new URL(receivers[0].webhook_configs[0].url);
  expect(webhook.pathname).toBe('/webhooks/alertmanager');
  const addresses = [
    new URL(environment?.REDIS_URL ?? '').host,
    new URL(environment?.ALERTMANAGER_URL ?? '').host,
    webhook.host,
    prometheus.alerting.alertmanagers[0].static_configs[0].targets[0],
    prometheus.scrape_configs[0].static_configs[0].targets[0],
  ];
  expect(addresses).toEqual([
    'redis:6379',
    'alertmanager:9093',
    'jidoka:9095',
    'alertmanager:9093',
    'jidoka:9095',
  ]);
  expect(Object.keys(compose.services)).toEqual(
    expect.arrayContaining(['redis', 'alertmanager', 'jidoka', 'prometheus']),
  );
  expect(environment?.ALERTMANAGER_RECEIVER).toBe(receivers[0].name);
});

test('Alertmanager and Jidoka share a token, which is in no file of the repository', () => {
  const { receivers } = read('prometheus/alertmanager.yml');
  const { credentials_file: file } = receivers[0].webhook_configs[0].http_config.authorization;
  expect(file).toBe('/run/secrets/webhook_token');
  expect(compose.services.jidoka?.environment?.JIDOKA_WEBHOOK_TOKEN_FILE).toBe(file);
  expect(compose.services.jidoka?.secrets).toEqual(['webhook_token', 'admin_token']);
  expect(compose.services.alertmanager?.secrets).toEqual(['webhook_token']);
  expect(compose.secrets).toEqual({
    webhook_token: { environment: 'JIDOKA_WEBHOOK_TOKEN' },
    admin_token: { environment: 'JIDOKA_ADMIN_TOKEN' },
  });
});

test('a person can decide there without Slack: the API has a token', () => {
  const file = compose.services.jidoka?.environment?.JIDOKA_ADMIN_TOKEN_FILE;
  expect(file).toBe('/run/secrets/admin_token');
});

test('every mount exists, and what comes from the checkout is mounted read-only', () => {
  const volumes = Object.values(compose.services).flatMap((service) => service.volumes ?? []);
  for (const volume of volumes) {
    const [source = '', , mode] = volume.split(':');
    if (source.startsWith('./')) {
      expect(existsSync(join(root, source)), source).toBe(true);
      expect(mode, volume).toBe('ro');
    } else {
      expect(compose.volumes).toHaveProperty(source);
    }
  }
  expect(volumes).toContain('./playbooks:/app/playbooks:ro');
});

test('Prometheus accepts its configuration and the example rules', async () => {
  const { promtool } = usePart('prometheus');
  const { stdout } = await run(promtool, ['check', 'config', 'prometheus/prometheus.yml'], {
    cwd: root,
  });
  const count = readFileSync(join(root, 'prometheus/jidoka.rules.yml'), 'utf8').match(/- alert:/g);
  expect(stdout).toContain(`SUCCESS: ${count?.length} rules found`);
  expect(stdout).toContain('SUCCESS: 3 rules found');
});

test('Alertmanager accepts its configuration', async () => {
  const { amtool } = usePart('alertmanager');
  const { stdout } = await run(amtool, ['check-config', 'prometheus/alertmanager.yml'], {
    cwd: root,
  });
  expect(stdout).toContain('SUCCESS');
});
