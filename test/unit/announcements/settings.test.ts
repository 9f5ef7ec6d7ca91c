import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { countReceivers, readAnnouncementSettings } from '../../../src/announcements/settings.js';

/* The settings of Docker Flow Swarm Listener, as they are. */

function read(env: Record<string, string>, secretsDir = '/nowhere') {
  const faults: string[] = [];
  const text = (name: string) => env[name] || undefined;
  const fault = (one: string) => void faults.push(one);
  return { ...readAnnouncementSettings({ text, secret: text, fault, secretsDir }), faults };
}

const get = (url: string) => ({ url, method: 'GET' });

test('without settings no one is told', () => {
  const settings = read({});
  expect(countReceivers(settings)).toBe(0);
  expect(settings).toMatchObject({
    ...{ label: 'com.df.notify', prefix: undefined, nodeInfo: false, immediately: false },
    ...{ retries: 50, retryMs: 5_000, faults: [] },
  });
});

test('each list of addresses is read, two on one host as well', () => {
  const { receivers, faults } = read({
    DF_NOTIFY_CREATE_SERVICE_URL: 'http://p:8080/a, http://p:8080/b,http://q/c',
    DF_NOTIFY_REMOVE_SERVICE_URL: 'http://p:8080/remove',
    DF_NOTIFY_CREATE_NODE_URL: 'http://m/node/reconfigure',
    DF_NOTIFY_REMOVE_NODE_URL: 'http://m/node/remove',
  });
  expect(receivers).toEqual({
    createService: ['http://p:8080/a', 'http://p:8080/b', 'http://q/c'].map(get),
    removeService: [get('http://p:8080/remove')],
    createNode: [get('http://m/node/reconfigure')],
    removeNode: [get('http://m/node/remove')],
  });
  expect(faults).toEqual([]);
});

test('older names count where the newer ones are not set', () => {
  const { receivers } = read({
    DF_NOTIFICATION_URL: 'http://old/',
    DF_NOTIF_CREATE_SERVICE_URL: 'http://older/create',
  });
  expect(receivers.createService).toEqual([get('http://older/create')]);
  expect(receivers.removeService).toEqual([get('http://old/')]);
  expect(receivers.createNode).toEqual([]);
  const newer = read({
    DF_NOTIF_CREATE_SERVICE_URL: 'http://older/create',
    DF_NOTIFY_CREATE_SERVICE_URL: 'http://new/create',
  });
  expect(newer.receivers.createService).toEqual([get('http://new/create')]);
});

test('the last method counts for the addresses that follow', () => {
  const { receivers } = read({
    DF_NOTIFY_CREATE_SERVICE_URL: 'http://a/,http://b/,http://c/',
    DF_NOTIFY_CREATE_SERVICE_METHOD: 'get,put',
  });
  expect(receivers.createService.map(({ method }) => method)).toEqual(['GET', 'PUT', 'PUT']);
});

test('addresses in secrets are added', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'secrets-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  await writeFile(join(dir, 'df_notify_create_service_url'), 'http://u:p@b/,http://c/\n');
  const { receivers } = read({ DF_NOTIFY_CREATE_SERVICE_URL: 'http://a/' }, dir);
  expect(receivers.createService.map(({ url }) => url)).toEqual([
    ...['http://a/', 'http://u:p@b/', 'http://c/'],
  ]);
});

test('all other settings are read as Docker Flow read them', () => {
  expect(
    read({
      ...{ DF_NOTIFY_LABEL: 'com.df.notifyDev', DF_SERVICE_NAME_PREFIX: 'eu' },
      ...{ DF_INCLUDE_NODE_IP_INFO: 'true', DF_NOTIFY_CREATE_SERVICE_IMMEDIATELY: '1' },
      ...{ DF_RETRY: '3', DF_RETRY_INTERVAL: '10' },
    }),
  ).toMatchObject({
    ...{ label: 'com.df.notifyDev', prefix: 'eu', nodeInfo: true, immediately: true },
    ...{ retries: 3, retryMs: 10_000 },
  });
});

test('what cannot be read is named, and an address is never shown', () => {
  const { faults } = read({
    DF_NOTIFY_CREATE_SERVICE_URL: 'http://a/,user:secret@proxy',
    DF_NOTIFY_REMOVE_SERVICE_METHOD: 'GRAB',
    DF_RETRY: 'often',
  });
  expect(faults).toEqual([
    'DF_RETRY: expected a whole number, got "often"',
    'DF_NOTIFY_CREATE_SERVICE_URL: number 2 is not an address such as http://proxy:8080/v1/docker-flow-proxy/reconfigure',
    'DF_NOTIFY_REMOVE_SERVICE_METHOD: expected GET, POST, PUT, PATCH, DELETE, HEAD, got "GRAB"',
  ]);
});
