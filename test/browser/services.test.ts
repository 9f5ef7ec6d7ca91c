import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProvenService } from '../../src/engine/proof/service-list.js';
import { noAutomation } from '../../src/monitoring/described-service.js';
import {
  expectToBeAccessible,
  expectToFit,
  phone,
  startBrowser,
  type TestBrowser,
} from '../support/browser.js';
import { provenAlert, provenService } from '../support/proven-service.js';
import { createFakeConsole } from '../unit/console/fake-console.js';

/* The pages of services in a browser: with 500 of them, on a phone and a desk, light and dark, without a script. */

const no = {
  state: 'no',
  detail:
    'no playbook matches; nearest is scale-service-up, which wants scale="up" but the alert has no such label',
} as const;
const away = {
  state: 'not_checked',
  detail: 'Prometheus http://prometheus:9090: no answer within 4000 ms',
} as const;
const long = 'shop_api_with_a_rather_long_name_of_a_service';
const services: readonly ProvenService[] = [
  provenService(long, {
    alerts: [
      provenAlert('ShopErrors', { playbook: no }),
      provenAlert('ShopApiMemoryIsNearlyUsedUp', { scrape: away, rule: away }),
    ],
  }),
  provenService('cart', {
    ...{ alerts: [], faults: [{ about: 'Bad', detail: 'jidoka.alert.Bad: "rate(sum(x))"' }] },
    automation: { ...noAutomation, enabled: false },
  }),
  ...Array.from({ length: 498 }, (_, index) => provenService(`web-${index}`)),
];

let browser: TestBrowser;
let url: string;
let close: () => void;

beforeAll(async () => {
  const { app } = createFakeConsole({
    services: {
      async page({ words, after, limit }) {
        const found = services.filter(({ name }) => name.includes(words));
        const start = found.findIndex(({ name }) => name === after) + 1;
        const items = found.slice(start, start + limit);
        const isLast = start + limit >= found.length;
        return { items, next: isLast ? null : (items.at(-1)?.name ?? null), total: found.length };
      },
      one: async (name) => services.find((one) => one.name === name),
    },
  });
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = () => server.close();
  browser = await startBrowser();
});

afterAll(async () => {
  await browser?.close();
  close?.();
});

test('the pages of services fit on a phone and are accessible, light and dark', async () => {
  for (const viewport of [phone, { width: 1440, height: 900 }]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.open(url, { viewport, colorScheme });
      for (const path of ['/services', `/services/${long}`, '/services/cart', '/services?q=none']) {
        await page.goto(path);
        await expectToFit(page);
        await expectToBeAccessible(page);
      }
      await page.context().close();
    }
  }
  expect(browser.complaints()).toEqual([]);
});

test('without a script, services are searched, paged and opened', async () => {
  const page = await browser.open(url, { javaScriptEnabled: false });
  await page.goto('/');
  await page.goto('/services');
  expect(await page.locator('nav [aria-current=page]').textContent()).toBe('Services');
  expect(await page.locator('tbody tr').count()).toBe(25);
  await page.getByRole('link', { name: 'Next' }).click();
  await page.waitForURL('**/services?before=*');
  await page.getByLabel('Service, owner, mode or alert').fill('rather');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.waitForURL('**/services?q=rather');
  await page.getByText('no playbook matches; nearest is').waitFor();
  await page.getByRole('link', { name: long }).click();
  await page.waitForURL(`**/services/${long}`);
  await page.getByText('no answer within 4000 ms').first().waitFor();
  await page.context().close();
});
