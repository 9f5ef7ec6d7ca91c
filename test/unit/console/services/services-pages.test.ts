import { expect, test } from 'vitest';
import type { ProvenService, ServiceQuery } from '../../../../src/engine/proof/service-list.js';
import { noAutomation } from '../../../../src/monitoring/described-service.js';
import { provenAlert, provenService } from '../../../support/proven-service.js';
import { createFakeConsole } from '../fake-console.js';

function startWith(items: readonly ProvenService[] | null, next: string | null = null) {
  const queries: ServiceQuery[] = [];
  const { call } = createFakeConsole({
    services: {
      async page(query) {
        queries.push(query);
        return items && { items, next, total: 500 };
      },
      one: async (name) => (items === null ? null : items.find((one) => one.name === name)),
    },
  });
  return { call, queries };
}

const textOf = (html: string) => html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');

test('the list shows what each service says, and each alert in a word with its missing piece', async () => {
  const no = { state: 'no', detail: 'no playbook matches' } as const;
  const away = { state: 'not_checked', detail: 'no answer' } as const;
  const { call } = startWith([
    provenService('web', {
      alerts: [
        provenAlert('Fine'),
        provenAlert('Odd', { scrape: away, playbook: no }),
        provenAlert('Unseen', { rule: away }),
      ],
    }),
    provenService('cart', {
      ...{ alerts: [], scrape: undefined, faults: [{ about: 'Bad', detail: 'label Bad' }] },
      automation: { ...noAutomation, enabled: false },
    }),
  ]);
  const { status, body } = await call('/services');
  expect(status).toBe(200);
  const text = textOf(body);
  expect(text).toContain('web port 8080, 2 targets Fine Proven Odd Broken Playbook: no playbook');
  expect(text).toContain('Unseen Not checked Rule: no answer 2 to 8 as the playbook says Payments');
  expect(text).toContain('cart no Invalid label label Bad none no changes');
});

test('the search stands in the address, and pages follow each other with it', async () => {
  const { call, queries } = startWith([provenService('web')], 'web');
  const { body } = await call('/services?q=slow%20pay');
  expect(queries).toEqual([{ words: 'slow pay', after: undefined, limit: 25 }]);
  expect(body).toContain('value="slow pay"');
  expect(body).toContain('href="/services?q=slow%20pay&amp;before=web"');
  await call('/services?q=slow%20pay&before=web');
  expect(queries[1]).toEqual({ words: 'slow pay', after: 'web', limit: 25 });
});

test('the page of a service has every link of every alert, and the playbook to go to', async () => {
  const no = { state: 'no', detail: '10.0.0.1:8080 is down' } as const;
  const { call } = startWith([
    provenService('web', { alerts: [provenAlert('Odd', { scrape: no })] }),
  ]);
  const { body } = await call('/services/web');
  const text = textOf(body);
  expect(text).toContain('does not hold: Scraped 10.0.0.1:8080 is down');
  expect(text).toContain('holds: Rule loaded, no errors');
  expect(body).toContain('href="/playbooks/scale-service-up"');
  expect((await call('/services/other')).status).toBe(404);
});

test('while no worker sees the services, the pages say so', async () => {
  const { call } = startWith(null);
  expect((await call('/services')).body).toContain('No worker sees the services');
  expect((await call('/services/web')).body).toContain('No worker sees the services');
});
