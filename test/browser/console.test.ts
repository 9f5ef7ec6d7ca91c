import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
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

/* The console as people meet it: in a browser, on a real engine and a real Swarm. */

let world: ConsoleWorld;
let browser: TestBrowser;
let jidoka: Jidoka;
let service: TestService;
let operator: Page;
let adminToken: string;
let viewerToken: string;

beforeAll(async () => {
  world = await startConsoleWorld('console', {
    fill: async (folder) => {
      await writeFile(
        join(folder, 'asks.yaml'),
        [
          'name: asks-first',
          'summary: Adds a replica after a person agreed.',
          'match: alertname = "Asks"',
          'mode: approve',
          'steps:',
          '  - swarm.scale: { service: "${{ labels.service }}", by: 1, max: 5 }',
        ].join('\n'),
      );
    },
  });
  ({ browser, jidoka, service, operator, adminToken, viewerToken } = world);
});

afterAll(() => world?.stop());

// no error, no breach of the content security policy, no dialog on any page
afterEach(() => expect(browser.complaints()).toEqual([]));

test('an unknown alert appears without a reload, and what is clicked is done and shown', async () => {
  await operator.goto('/');
  await operator.evaluate('globalThis.neverReloaded = true');
  await post({ alertname: 'LoadNeverSeen', service: service.name });
  const scale = operator.getByRole('button', { name: `Scale ${service.name} 1 → 2` });
  await scale.waitFor();
  expect(await operator.evaluate('globalThis.neverReloaded')).toBe(true);
  await scale.click();
  await operator.waitForURL('**/runs/*');
  await eventually(
    '2 tasks run',
    () => service.running(),
    (count) => count === 2,
  );
  const course = operator.locator('#course');
  await course.getByText('Converged after').waitFor();
  await course.getByRole('img', { name: `The size of ${service.name}` }).waitFor();
  expect(await course.textContent()).toContain('2 of 2 replicas are running');
  expect(await course.textContent()).toContain('Started by ada');
});

test('a person runs a playbook: labels, a preview, a reason, one run', async () => {
  await operator.goto('/playbooks/asks-first');
  await operator.getByRole('link', { name: 'Run…' }).click();
  await operator.getByRole('heading', { name: 'Run asks-first' }).waitFor();
  await expectToBeAccessible(operator);
  await operator.getByLabel('service').fill(service.name);
  await operator.getByRole('button', { name: 'Preview' }).click();
  const preview = operator.locator('#preview');
  await preview.getByText('Would ask for approval').waitFor();
  expect(await preview.textContent()).toContain(service.name);
  await expectToBeAccessible(operator);
  await expectToFit(operator);
  await operator.getByLabel('Reason').fill('the sale starts');
  await operator.getByRole('button', { name: 'Run', exact: true }).click();
  await operator.waitForURL('**/runs/*');
  expect(await operator.locator('#course').textContent()).toContain(
    'Started by ada: the sale starts',
  );
  await operator.getByText('Approval required').first().waitFor();
  await operator.getByRole('button', { name: 'Cancel' }).click();
});

test('a page that is open is brought up to date, and keeps what a person does on it', async () => {
  await post({ alertname: 'IsThereBefore', service: service.name });
  await operator.goto('/');
  await operator.locator('#attention').getByRole('link', { name: 'IsThereBefore' }).waitFor();
  const why = operator.getByLabel('Filter by words');
  await why.fill('a sentence that is not fin');
  await operator.evaluate('globalThis.neverReloaded = true');
  const open = await operator.locator('#status .open-items').textContent();
  await post({ alertname: 'ComesMeanwhile', service: service.name });
  await operator.locator('#attention').getByRole('link', { name: 'ComesMeanwhile' }).waitFor();
  expect(await operator.locator('#status .open-items').textContent()).not.toBe(open);
  await call('pauses', { of: 'direction', name: 'down', by: 'ben', why: 'elsewhere' });
  await operator.locator('#deferred').getByText('elsewhere').waitFor();
  expect(await operator.evaluate('globalThis.neverReloaded')).toBe(true);
  expect(await why.inputValue()).toBe('a sentence that is not fin');
  await operator.keyboard.type('ished');
  expect(await why.inputValue()).toBe('a sentence that is not finished');
  await call('pauses/lift', { of: 'direction', name: 'down', by: 'ben' });
});

test('evidence appears on the open page of an escalation when it is gathered, without a reload', async () => {
  await post({ alertname: 'Unexplained', service: service.name });
  await operator.goto('/');
  const link = operator.locator('#attention').getByRole('link', { name: 'Unexplained' });
  await link.waitFor();
  const path = (await link.getAttribute('href')) ?? '';
  // as it is before a worker has gathered it
  const redis = new Redis(usePart('redis').url);
  const [key = ''] = await eventually(
    'it is gathered',
    () => redis.keys(`*:gathered:${path.split('/').at(-1)}`),
    (keys) => keys.length === 1,
  );
  await redis.del(key);
  await redis.quit();
  await operator.goto(path);
  await operator.locator('#evidence').getByText('Jidoka gathers it').waitFor();
  await operator.evaluate('globalThis.neverReloaded = true');
  await operator.locator('#more-evidence').getByText('Gathered').waitFor();
  expect(await operator.evaluate('globalThis.neverReloaded')).toBe(true);
});

test('the badge of a run and the title of its tab follow the run while its page is open', async () => {
  await post({ alertname: 'Asks', service: service.name, instance: 'live' });
  const run = await eventually(
    'a run waits for approval',
    async () =>
      (await call<{ items: { id: string; state: string }[] }>('runs')).items.find(
        ({ state }) => state === 'awaiting_approval',
      ),
    (found) => found !== undefined,
  );
  await operator.goto(`/runs/${run?.id}`);
  await operator.evaluate('globalThis.neverReloaded = true');
  expect(await operator.title()).toMatch(/^Approval required: asks-first on /);
  await operator.locator('#head').getByRole('link', { name: 'Decide' }).waitFor();
  // from now on the page is not fetched again for what is still to come
  await operator.locator('#more-evidence').getByText('Gathered').waitFor();
  await call(`runs/${run?.id}/cancel`, { by: 'ben' });
  await operator.locator('#head').getByText('Cancelled', { exact: true }).waitFor();
  await eventually(
    'the title says so, too',
    () => operator.title(),
    (title) => title.startsWith('Cancelled: asks-first on '),
  );
  expect(await operator.locator('#head').getByText('Approval required').count()).toBe(0);
  expect(await operator.evaluate('globalThis.neverReloaded')).toBe(true);
});

test('everything is paused and resumed with a reason and a name', async () => {
  await operator.goto('/');
  await operator.getByRole('link', { name: 'Pause…' }).click();
  await operator.getByLabel('Reason').fill('release of the shop');
  await operator.getByRole('button', { name: 'Pause', exact: true }).click();
  await operator.locator('#pauses').getByText('release of the shop').waitFor();
  expect(await operator.locator('#pauses').textContent()).toMatch(/everything\s*by ada/);
  await operator.locator('#status').getByText('Paused').waitFor();
  await operator.goto('/');
  await operator.locator('#deferred').getByText('release of the shop').waitFor();
  await operator.getByRole('button', { name: 'Resume' }).click();
  await operator.getByText('release of the shop').waitFor({ state: 'detached' });
});

test('without a script what is risky asks once more, and takes a reason', async () => {
  const page = await browser.open(jidoka.url, { javaScriptEnabled: false });
  await signIn(page, adminToken, 'Zoë');
  await post({ alertname: 'Asks', service: service.name });
  await eventually(
    'the question is there',
    async () => {
      await page.reload();
      return page.getByRole('link', { name: /^Deny/ }).count();
    },
    (count) => count === 1,
  );
  await page.getByRole('link', { name: /^Deny/ }).click();
  await page.getByLabel('Reason').fill('not during the sale <b>');
  await page.getByRole('button', { name: 'Deny' }).click();
  await page.getByText('a person denied it').first().waitFor();
  const [run] = (await call<{ items: { outcome: { detail: string } }[] }>('runs')).items;
  expect(run?.outcome.detail).toContain('Zoë');
  await page.context().close();
});

describe('with the keyboard alone', () => {
  test('the content is one key away, and a button is pressed with Enter', async () => {
    await post({ alertname: 'ForTheKeyboard' });
    await operator.goto('/');
    const item = operator.locator('#attention li', { hasText: 'ForTheKeyboard' });
    const acknowledge = item.getByRole('button', { name: 'Acknowledge' });
    await acknowledge.waitFor();
    await operator.keyboard.press('Tab');
    expect(await focused(operator)).toBe('Skip to the content');
    await operator.keyboard.press('Enter');
    for (let presses = 0; presses < 90; presses += 1) {
      await operator.keyboard.press('Tab');
      if (await acknowledge.evaluate((button) => button === button.ownerDocument.activeElement)) {
        break;
      }
    }
    await operator.keyboard.press('Enter');
    await item.waitFor({ state: 'detached' });
    const [{ answer } = {}] = (await call<{ items: { answer?: unknown }[] }>('escalations')).items;
    expect(answer).toMatchObject({ choiceId: 'ack', by: 'ada' });
  });
});

test('a viewer sees the same and is offered nothing to change; what is sent all the same is refused', async () => {
  const page = await browser.open(jidoka.url);
  await signIn(page, viewerToken, 'vic');
  await page.locator('#attention').waitFor();
  expect(await page.locator('main form[method=post], main button[form]').count()).toBe(0);
  const status = await page.evaluate(`
    const csrf = document.querySelector('[name=csrf]').value;
    const body = new URLSearchParams({ csrf, of: 'everything', for: '', why: 'mischief' });
    fetch('/pauses', { method: 'POST', body }).then(({ status }) => status);
  `);
  expect(status).toBe(403);
  expect((await call<{ items: unknown[] }>('pauses')).items).toEqual([]);
  expect(browser.complaints()).toEqual([expect.stringContaining('403')]);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Token').waitFor();
  await page.goto('/runs');
  expect(new URL(page.url()).pathname).toBe('/sign-in');
  await page.context().close();
});

test('a page of another origin changes nothing, though the browser is signed in', async () => {
  const evil = createServer((_, answer) => {
    answer.setHeader('content-type', 'text/html');
    answer.end(
      `<form method="post" action="${jidoka.url}/pauses"><input name="of" value="everything">
       <input name="for" value=""><input name="why" value="mischief"><button>Win</button></form>`,
    );
  });
  await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
  try {
    const page = await operator.context().newPage();
    await page.goto(`http://127.0.0.1:${(evil.address() as AddressInfo).port}/`);
    await page.getByRole('button', { name: 'Win' }).click();
    await page.getByText('did not come from a page of this console').waitFor();
    expect((await call<{ items: unknown[] }>('pauses')).items).toEqual([]);
    await page.close();
  } finally {
    evil.close();
  }
});

test('an alert that was is found in the history, and a playbook is paused on its page', async () => {
  await operator.goto('/history');
  await operator.getByLabel('Words or name=value').fill('asks');
  await operator.getByRole('button', { name: 'Search' }).click();
  await operator.waitForURL('**/history?q=asks**');
  await operator.locator('#search').getByText('asks-first').first().waitFor();
  await operator.getByRole('link', { name: 'Playbooks' }).click();
  await operator.getByRole('link', { name: 'asks-first' }).click();
  await operator.getByText('Pause asks-first').click();
  await operator.getByLabel('Reason').fill('it asks too often');
  await operator.getByRole('button', { name: 'Pause', exact: true }).click();
  await operator.locator('#guards').getByText('it asks too often').waitFor();
  expect(new URL(operator.url()).pathname).toBe('/playbooks/asks-first');
  await operator.getByRole('button', { name: 'Resume' }).click();
  await operator.getByText('it asks too often').waitFor({ state: 'detached' });
  await operator.getByRole('link', { name: 'Matching alerts' }).click();
  await operator.getByText('Matches', { exact: true }).first().waitFor();
});

test('what an alert brings along is text, whatever it is', async () => {
  const hostile = '"><img src=x onerror=alert(1)><script>alert(2)</script>';
  const labels = { alertname: hostile, service: `${hostile}${'w'.repeat(3_000)}`, evil: hostile };
  const alert = webhookAlert(labels);
  const annotations = { summary: hostile, runbook_url: 'javascript:alert(3)', note: '‮rtl' };
  await postAlerts(
    jidoka.url,
    webhookBody([{ ...alert, annotations, generatorURL: 'javascript:alert(4)' }], 'hostile'),
  );
  await operator.goto('/');
  await operator.locator('#attention').getByText(hostile).first().waitFor();
  const places = ['/', '/alerts', '/history', `/history?q=${encodeURIComponent(hostile)}`];
  for (const path of [...places, await newest('alerts'), await newest('escalations')]) {
    await operator.goto(path);
    expect(await operator.locator('main img, main script').count()).toBe(0);
    expect(await operator.locator('a[href^="javascript"]').count()).toBe(0);
    await operator.setViewportSize(phone);
    await expectToFit(operator);
    await operator.setViewportSize({ width: 1280, height: 800 });
  }
});

test('every page fits on a phone and is accessible, light and dark', async () => {
  const [escalation] = (await call<{ items: { id: string }[] }>('escalations?state=open')).items;
  const paths = [
    '/',
    '/?severity=none',
    '/runs',
    '/escalations',
    '/pauses',
    '/alerts',
    '/services',
    '/playbooks',
    '/playbooks/asks-first',
    '/playbooks/asks-first/alerts',
    '/history',
    '/history?q=nothing-like-this',
    await newest('runs'),
    await newest('alerts'),
    `${await newest('alerts')}/forecast`,
    await newest('escalations'),
    `/escalations/${escalation?.id}/confirm?choice=dismiss`,
  ];
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.open(jidoka.url, { viewport: phone, colorScheme });
    await page.goto('/');
    await expectToFit(page);
    await expectToBeAccessible(page);
    await signIn(page, adminToken, 'ada');
    for (const path of paths) {
      await page.goto(path);
      await expectToFit(page);
      await expectToBeAccessible(page);
    }
    await page.context().close();
  }
});

test('a page that is not there says so as a page, and the API in JSON', async () => {
  await operator.goto('/no/such/page');
  await operator.getByRole('heading', { name: 'Not found' }).waitFor();
  await expectToBeAccessible(operator);
  expect(browser.complaints()).toEqual([expect.stringContaining('404')]);
  for (const [path, accept] of [
    ['/api/v1/no-such', 'text/html'],
    ['/no/such/page', '*/*'],
  ] as const) {
    const answer = await fetch(`${jidoka.url}${path}`, {
      headers: { accept, authorization: `Bearer ${adminToken}` },
    });
    expect([answer.status, await answer.json()]).toEqual([
      404,
      { error: expect.stringContaining('no route') },
    ]);
  }
});

/** What has the keyboard. */
function focused(page: Page): Promise<string> {
  return page.evaluate<string>('document.activeElement.textContent');
}

async function post(labels: Readonly<Record<string, string>>): Promise<void> {
  await postAlerts(jidoka.url, webhookBody([webhookAlert(labels)], labels.alertname));
}

/** The page of the newest record of a list. */
async function newest(list: 'runs' | 'alerts' | 'escalations'): Promise<string> {
  const [first] = (await call<{ items: { id: string }[] }>(list)).items;
  return `/${list}/${first?.id}`;
}

async function call<T>(path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${jidoka.url}/api/v1/${path}`, {
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}
