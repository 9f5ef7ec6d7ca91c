import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { postAlerts, webhookAlert, webhookBody } from '../support/alerts.js';
import { expectToBeAccessible, expectToFit, phone, type TestBrowser } from '../support/browser.js';
import { type ConsoleWorld, startConsoleWorld } from '../support/console-world.js';
import { eventually } from '../support/eventually.js';
import type { Jidoka } from '../support/jidoka.js';

/* Three in the morning: 500 alerts fire in 40 groups, and one of them is the one. */

const groups = 40;
const alertsOfGroup = 12;
const extra = 20;
const desk = { width: 1440, height: 900 };
const severities = ['warning', 'info', 'error'];

let world: ConsoleWorld;
let browser: TestBrowser;
let jidoka: Jidoka;
let operator: Page;

beforeAll(async () => {
  world = await startConsoleWorld('triage');
  ({ browser, jidoka, operator } = world);
  for (let group = 0; group < groups; group += 1) await post(group);
  await eventually(
    'every group has its escalations',
    () => open(),
    (items) => items.length >= groups && items.every(({ choices }) => choices !== null),
    60_000,
  );
  await operator.setViewportSize(desk);
});

afterAll(() => world?.stop());
afterEach(() => expect(browser.complaints()).toEqual([]));

test('twenty items are on one screen, the most severe first, with nothing cut off', async () => {
  await operator.goto('/');
  await expectToFit(operator);
  const rows = operator.locator('.item');
  const visible = await rows.evaluateAll(
    (all, height) => all.filter((row) => row.getBoundingClientRect().bottom <= height).length,
    desk.height,
  );
  expect(visible).toBeGreaterThanOrEqual(20);
  expect(await rows.first().locator('.severity').textContent()).toBe('critical');
  const words = await rows.locator('.severity').allTextContents();
  const order = ['critical', 'error', 'warning', 'info'];
  expect(words).toEqual(words.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)));
  expect(await operator.locator('.stats').textContent()).toContain(
    `${groups * alertsOfGroup + extra} firing`,
  );
  await expectToBeAccessible(operator);
});

test('the right item is found, understood and acknowledged in three clicks', async () => {
  await operator.goto('/');
  await operator.getByRole('link', { name: /^critical 1$/i }).click();
  await operator.getByRole('link', { name: 'CheckoutErrors: group-7' }).click();
  const alerts = operator.locator('#alerts');
  await alerts.getByText(`${alertsOfGroup + extra} firing`).waitFor();
  expect(await alerts.locator('tbody tr').count()).toBe(alertsOfGroup + extra);
  expect(await operator.locator('#what').textContent()).toContain('12% of requests fail');
  await operator.getByRole('link', { name: 'Runbook' }).waitFor();
  await operator.getByRole('button', { name: 'Acknowledge' }).click();
  await operator.locator('#decide').getByText('ada chose “Acknowledge”').waitFor();
});

test('the same goes with the keyboard alone', async () => {
  await operator.goto('/');
  await operator.getByLabel('Filter by words').focus();
  await operator.keyboard.type('group-11');
  await operator.keyboard.press('Enter');
  await operator.waitForURL('**/?q=group-11**');
  const item = operator.getByRole('link', { name: /group-11$/ });
  await pressUntilFocused(item);
  await operator.keyboard.press('Enter');
  await operator.waitForURL('**/escalations/*');
  const acknowledge = operator.getByRole('button', { name: 'Acknowledge' });
  await pressUntilFocused(acknowledge);
  await operator.keyboard.press('Enter');
  await operator.locator('#decide').getByText('ada chose “Acknowledge”').waitFor();
});

describe('several at once', () => {
  test('are acknowledged, and leave the list without a reload', async () => {
    await operator.goto('/?q=group-2');
    const before = await operator.locator('.item').count();
    expect(before).toBeGreaterThan(2);
    await operator.getByLabel('Select TargetDown: group-20').check();
    await operator.getByLabel('Select TargetDown: group-21').check();
    await operator.getByRole('button', { name: 'Acknowledge selected' }).click();
    await eventually(
      'two are gone',
      () => operator.locator('.item').count(),
      (count) => count === before - 2,
    );
    expect(new URL(operator.url()).search).toBe('?q=group-2');
  });

  test('none selected changes nothing, and says so', async () => {
    await operator.goto('/');
    await operator.getByRole('button', { name: 'Acknowledge selected' }).click();
    await operator.getByText('Select 1 to 200 items first').waitFor();
    expect(browser.complaints()).toEqual([expect.stringContaining('400')]);
  });
});

test('a tab that is open shows how many items wait, and a run that ends shows so', async () => {
  await operator.goto('/');
  const title = await operator.title();
  expect(title).toMatch(/^\(\d+\) Overview/);
  await postAlerts(
    jidoka.url,
    webhookBody([webhookAlert({ alertname: 'Late', service: 'late' })], 'late'),
  );
  await eventually(
    'the title counts it',
    () => operator.title(),
    (now) => now !== title,
  );
});

test('times are in the zone of the reader, and in UTC for whom there is no script', async () => {
  const [first] = await open();
  for (const javaScriptEnabled of [true, false]) {
    const page = await browser.open(jidoka.url, {
      timezoneId: 'Asia/Kolkata',
      javaScriptEnabled,
      storageState: await operator.context().storageState(),
    });
    await page.goto(`/escalations/${first?.id}`);
    const time = page.locator('#activity time').first();
    const utc = (await time.getAttribute('datetime')) ?? '';
    const ms = Date.parse(utc) + (javaScriptEnabled ? 5.5 * 3_600_000 : 0);
    const shown = new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
    expect(await time.textContent()).toBe(javaScriptEnabled ? shown : `${shown} UTC`);
    await page.context().close();
  }
});

test('the storm fits on a phone, light and dark, and is accessible there', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.open(jidoka.url, {
      viewport: phone,
      colorScheme,
      storageState: await operator.context().storageState(),
    });
    const [first] = await open();
    for (const path of ['/', '/?group=none', '/escalations', `/escalations/${first?.id}`]) {
      await page.goto(path);
      await expectToFit(page);
      await expectToBeAccessible(page);
    }
    await page.context().close();
  }
});

/** Goes on with Tab until an element has the focus. */
async function pressUntilFocused(element: ReturnType<Page['locator']>): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    if (await element.evaluate((one) => one === one.ownerDocument.activeElement)) return;
    await operator.keyboard.press('Tab');
  }
  throw new Error('expected the focus within 60 presses of Tab');
}

async function open(): Promise<readonly { id: string; choices: unknown }[]> {
  const answer = await fetch(`${jidoka.url}/api/v1/escalations?state=open&limit=200`, {
    headers: { authorization: `Bearer ${world.adminToken}` },
  });
  const { items } = (await answer.json()) as { items: { id: string; choices: unknown }[] };
  return items;
}

/** The alerts of one group: group 7 is the one that matters. */
async function post(group: number): Promise<void> {
  const isTheOne = group === 7;
  const count = alertsOfGroup + (isTheOne ? extra : 0);
  const alerts = Array.from({ length: count }, (_, index) => {
    const alert = webhookAlert({
      alertname: isTheOne ? 'CheckoutErrors' : 'TargetDown',
      service: `group-${group}`,
      severity: isTheOne ? 'critical' : (severities[group % severities.length] ?? ''),
      instance: `10.0.${group}.${index}`,
    });
    const summary = isTheOne ? '12% of requests fail' : `10.0.${group}.${index} is down`;
    const annotations = { summary, runbook_url: 'https://wiki.example/runbook' };
    return { ...alert, annotations };
  });
  await postAlerts(jidoka.url, webhookBody(alerts, `group-${group}`));
}
