import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createSwarm } from '../../src/integrations/swarm/client.js';
import { postAlerts, webhookAlert, webhookBody } from '../support/alerts.js';
import {
  expectToBeAccessible,
  expectToFit,
  phone,
  signIn,
  type TestBrowser,
} from '../support/browser.js';
import { type ConsoleWorld, startConsoleWorld } from '../support/console-world.js';
import { eventually } from '../support/eventually.js';
import type { Jidoka } from '../support/jidoka.js';
import type { TestService } from '../support/parts/docker.js';
import { usePart } from '../support/parts.js';

/* What a person did once becomes a playbook on the console, on a real engine and a real Swarm. */

let world: ConsoleWorld;
let browser: TestBrowser;
let jidoka: Jidoka;
let service: TestService;
let folder: string;
let operator: Page;
let adminToken: string;
let viewerToken: string;

beforeAll(async () => {
  world = await startConsoleWorld('lesson');
  ({ browser, jidoka, service, folder, operator, adminToken, viewerToken } = world);
});

afterAll(() => world?.stop());

afterEach(() => expect(browser.complaints()).toEqual([]));

async function post(status: 'firing' | 'resolved'): Promise<void> {
  const labels = {
    alertname: 'ShopSlow',
    service: service.name,
    team: '<img src=x onerror=alert(1)>',
  };
  const startsAt = new Date().toISOString();
  await postAlerts(jidoka.url, webhookBody([webhookAlert(labels, { status, startsAt })]));
}

async function running(count: number): Promise<void> {
  await eventually(
    `${count} tasks run`,
    () => service.running(),
    (now) => now === count,
  );
}

test('an unknown alert is answered, the playbook is shown and accepted, and the next asks with one click', async () => {
  await operator.goto('/');
  await post('firing');
  await operator.getByRole('button', { name: `Scale ${service.name} 1 → 2` }).click();
  await operator.waitForURL('**/runs/*');
  await running(2);
  await operator.getByText('Converged after').first().waitFor();
  await post('resolved');

  await operator.goto('/');
  const offer = operator.locator('#attention li', { hasText: 'Suggested playbook' });
  await offer.getByRole('button', { name: 'Make this a playbook' }).click();
  await operator.waitForURL('**/escalations/*');
  const draft = operator.locator('#draft');
  await draft.getByText('mode: approve').waitFor();
  expect(await draft.textContent()).toContain(`team = "<img src=x onerror=alert(1)>"`);
  await operator.getByText('it would match 1 alert').waitFor();
  expect(await operator.locator('#draft-tests').textContent()).toContain('tests:');
  const [download] = await Promise.all([
    operator.waitForEvent('download'),
    operator.getByRole('link', { name: 'Download learned/' }).first().click(),
  ]);
  const text = await readFile(await download.path(), 'utf8');
  expect(text).toContain('mode: approve');
  expect(download.suggestedFilename()).toMatch(/^shop-slow-scale-up-.*\.yaml$/);
  await expectToBeAccessible(operator);
  await onThePhone(operator.url());

  await operator.getByRole('button', { name: 'Accept' }).click();
  await operator.getByText('Written to').waitFor();
  const name = download.suggestedFilename();
  const path = join(folder, 'learned', name);
  expect(await readFile(path, 'utf8')).toBe(text);

  // the operator does not want to wait in this test
  await writeFile(path, text.replace('cooldown: 10m', 'cooldown: 1s'));
  const headers = { authorization: `Bearer ${adminToken}` };
  await fetch(`${jidoka.url}/-/reload`, { method: 'POST', headers });
  const swarm = createSwarm({ dockerHost: usePart('docker').dockerHost, timeoutMs: 8_000 });
  await swarm.scale(await swarm.service(service.name), 1);
  await running(1);
  await operator.goto('/');
  await post('firing');
  const question = operator.locator('#attention li', { hasText: 'requests approval' });
  await question.getByRole('button', { name: 'Approve' }).click();
  await running(2);
});

/** As who may only look sees it on a small screen. */
async function onThePhone(url: string): Promise<void> {
  const page = await browser.open(jidoka.url, { viewport: phone });
  await signIn(page, viewerToken, 'vera', new URL(url).pathname);
  await page.locator('#draft').waitFor();
  await expectToFit(page);
  expect(await page.getByRole('button', { name: 'Accept' }).count()).toBe(0);
  await page.context().close();
}
