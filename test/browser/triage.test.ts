import { Redis } from 'ioredis';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createLedger } from '../../src/ledger/ledger.js';
import { createTargetHistory } from '../../src/ledger/target-history.js';
import { systemClock } from '../../src/lib/clock.js';
import { postAlerts, webhookAlert, webhookBody } from '../support/alerts.js';
import { expectToBeAccessible, expectToFit, phone, type TestBrowser } from '../support/browser.js';
import { type ConsoleWorld, startConsoleWorld } from '../support/console-world.js';
import { eventually } from '../support/eventually.js';
import type { HttpServer } from '../support/http-server.js';
import type { Jidoka } from '../support/jidoka.js';
import { usePart } from '../support/parts.js';
import { startPrometheusOf } from '../support/prometheus-of.js';

/* Three in the morning: 500 alerts fire in 40 groups, and a deploy broke the checkout in two of them. */

const groups = 40;
const alertsOfGroup = 12;
const extra = 20;
const desk = { width: 1440, height: 900 };
const severities = ['warning', 'info', 'error'];
const minuteMs = 60_000;
const images = { from: 'shop/checkout:1.4', to: 'shop/checkout:1.5' };
const deployed = `Deployed 12 minutes before the alert: ${images.from} → ${images.to}`;

/** The alerts about the checkout, by their group: the one, which is critical, and what comes with it. */
const checkout = new Map([
  [
    7,
    {
      alert: 'CheckoutErrors',
      line: 'checkout_error_ratio',
      before: 0.01,
      after: 0.12,
      limit: 0.05,
    },
  ],
  [
    11,
    {
      alert: 'CheckoutSlow',
      line: 'checkout_latency_seconds',
      before: 0.2,
      after: 1.9,
      limit: 0.5,
    },
  ],
]);
/** What the plot says in words. */
const errorsInWords =
  'first 0.01, lowest 0.01, highest 0.12, current 0.12. The alert fires if it is > 0.05.';

/** When the alerts about the checkout began. */
let beganMs = 0;
let prometheus: HttpServer;
let world: ConsoleWorld;
let browser: TestBrowser;
let jidoka: Jidoka;
let operator: Page;

beforeAll(async () => {
  prometheus = await startPrometheusOf(() =>
    [...checkout.values()].map(({ alert, line, before, after, limit }) => ({
      ...{ alert, line, expression: `${line} > ${limit}` },
      labels: { service: world.service.name },
      valueAt: (ms) => (ms < deployedMs() ? before : after),
    })),
  );
  world = await startConsoleWorld('triage', { env: { PROMETHEUS_URL: prometheus.origin } });
  ({ browser, jidoka, operator } = world);
  beganMs = Date.now();
  await noteDeploy();
  for (let group = 0; group < groups; group += 1) await post(group);
  await eventually(
    'every group has its escalations',
    () => open(),
    (items) => items.length >= groups && items.every(({ choices }) => choices !== null),
    60_000,
  );
  await eventually('the evidence about the checkout is gathered', headlines, (found) => {
    return found.length === checkout.size && found.every((headline) => headline === deployed);
  });
  await operator.setViewportSize(desk);
});

afterAll(async () => {
  await world?.stop();
  await prometheus?.stop();
});
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

test('the page of the one has its deploy and its metric above the buttons, on a phone, too', async () => {
  await operator.goto('/?severity=critical');
  const path = (await theOne().getAttribute('href')) ?? '';
  for (const viewport of [desk, phone]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.open(jidoka.url, {
        ...{ viewport, colorScheme },
        storageState: await operator.context().storageState(),
      });
      await page.goto('/?severity=critical');
      await expectDeployFirst(page, 'CheckoutErrors');
      await expectToFit(page);
      await expectToBeAccessible(page);

      await page.goto(path);
      const plot = page.locator('#evidence').getByRole('img');
      const headline = await boxOf(page.locator('#evidence .headline'));
      const line = await boxOf(plot);
      const button = await boxOf(acknowledgeOn(page));
      if (viewport === phone) {
        expect(line.bottom).toBeLessThanOrEqual(button.top);
        // the decision is on the second screen at the latest, whatever else is known
        expect(button.bottom).toBeLessThanOrEqual(2 * phone.height);
      }
      // beside each other: all on the first screen, so that no one scrolls to see why
      else expect(Math.max(line.bottom, button.bottom)).toBeLessThanOrEqual(desk.height);
      expect(headline.bottom).toBeLessThanOrEqual(line.top);
      await expectToFit(page);
      await expectToBeAccessible(page);
      await page.context().close();
    }
  }
});

test('the right item is found, understood and acknowledged in three clicks', async () => {
  await operator.goto('/');
  await operator.getByRole('link', { name: /^critical 1$/i }).click();
  await expectDeployFirst(operator, 'CheckoutErrors');
  await theOne().click();
  const alerts = operator.locator('#alerts');
  await alerts.getByText(`${alertsOfGroup + extra} firing`).waitFor();
  expect(await alerts.locator('tbody tr').count()).toBe(alertsOfGroup + extra);
  expect(await operator.locator('#what').textContent()).toContain('12% of requests fail');
  await operator.getByRole('link', { name: 'Runbook' }).waitFor();
  const evidence = operator.locator('#evidence');
  expect(await evidence.locator('.headline').textContent()).toBe(deployed);
  await evidence.getByRole('img', { name: `checkout_error_ratio ${errorsInWords}` }).waitFor();
  const values = await evidence.locator('.metric tbody td').allTextContents();
  expect([...new Set(values)]).toEqual(['0.01', '0.12']);
  await acknowledgeOn(operator).click();
  await operator.locator('#decide').getByText('ada chose “Acknowledge”').waitFor();
});

test('the same goes with the keyboard alone', async () => {
  await operator.goto('/');
  await operator.getByLabel('Filter by words').focus();
  await operator.keyboard.type('CheckoutSlow');
  await operator.keyboard.press('Enter');
  await operator.waitForURL('**/?q=CheckoutSlow**');
  await expectDeployFirst(operator, 'CheckoutSlow');
  await pressUntilFocused(operator.getByRole('link', { name: /^CheckoutSlow: / }));
  await operator.keyboard.press('Enter');
  await operator.waitForURL('**/escalations/*');
  const evidence = operator.locator('#evidence');
  expect(await evidence.locator('.headline').textContent()).toBe(deployed);
  await evidence
    .getByRole('img', { name: /^checkout_latency_seconds first 0\.2, .* > 0\.5\.$/ })
    .waitFor();
  const acknowledge = acknowledgeOn(operator);
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

/** The link to the one item that matters. */
function theOne(): Locator {
  return operator.getByRole('link', { name: `CheckoutErrors: ${world.service.name}` });
}

/** The button of the escalation's own page. */
function acknowledgeOn(page: Page): Locator {
  return page.locator('#decide').getByRole('button', { name: 'Acknowledge' });
}

/** The row of an alert names its deploy before anything else. */
async function expectDeployFirst(page: Page, alert: string): Promise<void> {
  const row = page.locator('.item', { hasText: `${alert}: ` });
  expect((await row.locator('.item-text').textContent())?.split(' · ')[0]).toBe(deployed);
}

async function boxOf(element: Locator) {
  const box = await element.boundingBox();
  if (box === null) throw new Error(`expected to see ${element}`);
  return { top: box.y, bottom: box.y + box.height };
}

function deployedMs(): number {
  return beganMs - 12 * minuteMs;
}

/** Notes the deploy as the view of the Swarm does, at a time that is past. */
async function noteDeploy(): Promise<void> {
  const redis = new Redis(usePart('redis').url);
  const { id, name } = world.service;
  const ledger = createLedger({ redis, cell: world.cell });
  const event = {
    scope: `swarm.service/${id}`,
    name,
    kind: 'deployed',
    atMs: deployedMs(),
  } as const;
  await createTargetHistory({ ledger, clock: systemClock }).note('swarm', [
    { ...event, ...images },
  ]);
  await redis.quit();
}

/** Goes on with Tab until an element has the focus. */
async function pressUntilFocused(element: Locator): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    if (await element.evaluate((one) => one === one.ownerDocument.activeElement)) return;
    await operator.keyboard.press('Tab');
  }
  throw new Error('expected the focus within 60 presses of Tab');
}

interface Open {
  readonly id: string;
  readonly title: string;
  readonly choices: unknown;
}

async function open(): Promise<readonly Open[]> {
  const answer = await fetch(`${jidoka.url}/api/v1/escalations?state=open&limit=200`, {
    headers: { authorization: `Bearer ${world.adminToken}` },
  });
  const { items } = (await answer.json()) as { items: Open[] };
  return items;
}

/** What the evidence of each item about the checkout says first. */
async function headlines(): Promise<readonly (string | undefined)[]> {
  const about = (await open()).filter(({ title }) => title.endsWith(`: ${world.service.name}`));
  return Promise.all(
    about.map(async ({ id }) => {
      const { evidence } = await jidoka.api<EvidenceAnswer>(`escalations/${id}/evidence`);
      return evidence?.headline;
    }),
  );
}

interface EvidenceAnswer {
  readonly evidence: { readonly headline: string } | null;
}

/** The alerts of one group. */
async function post(group: number): Promise<void> {
  const isTheOne = group === 7;
  const about = checkout.get(group);
  const count = alertsOfGroup + (isTheOne ? extra : 0);
  const startsAt = about && new Date(beganMs).toISOString();
  const alerts = Array.from({ length: count }, (_, index) => {
    const labels = {
      alertname: about?.alert ?? 'TargetDown',
      service: about === undefined ? `group-${group}` : world.service.name,
      severity: isTheOne ? 'critical' : (severities[group % severities.length] ?? ''),
      instance: `10.0.${group}.${index}`,
    };
    const alert = webhookAlert(labels, startsAt === undefined ? {} : { startsAt });
    const summary = isTheOne ? '12% of requests fail' : `10.0.${group}.${index} is down`;
    const annotations = { summary, runbook_url: 'https://wiki.example/runbook' };
    return { ...alert, annotations };
  });
  await postAlerts(jidoka.url, webhookBody(alerts, `group-${group}`));
}
