import { describe, expect, onTestFinished, test } from 'vitest';
import { createConsole } from '../../src/console/console.js';
import { cancelRun } from '../../src/engine/people/cancel.js';
import { countAlerts } from '../../src/engine/reports/count-alerts.js';
import { anybodyDecides } from '../../src/escalation/person.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';
import { countCommands } from '../support/redis-commands.js';
import { serviceListOf } from '../support/services.js';

/* The pages Playbooks and History over an engine on a real Redis. */

const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };
const others = ['b', 'c'].map((name) =>
  scaleUp.replace('name: scale-up', `name: ${name}`).replace('"Slow"', `"${name}"`),
);

async function startConsole({ playbooks = [scaleUp, ...others], ownRedis = false } = {}) {
  const bench = await startBench({ playbooks, ownRedis });
  onTestFinished(() => bench.stop());
  bench.targets.add('web', 2);
  const site = createConsole({
    ...bench.context(),
    cell: 'jidoka',
    services: serviceListOf(bench.ledger),
    pauses: bench.pauses,
    resets: bench.resets,
    answer: async () => ({ kind: 'unknown_escalation' }),
    cancel: async (given) =>
      cancelRun({ ...bench.context(), wake: async () => {}, mayDecide: anybodyDecides }, given),
    runPlaybook: async () => ({ kind: 'unknown_playbook', why: 'there are none' }),
    explain: async () => [],
    health: async () => [],
    live: { subscribe: () => null, stop: () => {} },
    adminToken: undefined,
    viewerToken: undefined,
    facing: undefined,
    addressOf: () => '127.0.0.1',
  });
  async function read(path: string) {
    const answer = await site.request(path, { headers: { host: '127.0.0.1' } });
    return { status: answer.status, body: await answer.text() };
  }
  return { bench, read };
}

/** An alert that fires and resolves a minute later. */
async function letPass(bench: Bench, labels: Record<string, string>): Promise<void> {
  await bench.take([{ labels }]);
  await bench.pass(minute);
  await bench.take([{ labels, resolved: true }]);
}

/** The text of a page as it is read, without its marks. */
function textOf(body: string): string {
  return body
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replace(/\s+/g, ' ');
}

test('a question says first what is wrong, then why it is here, and what a near playbook lacks', async () => {
  const near = scaleUp.replace('alertname = "Slow"', 'alertname = "Slow", team = "shop"');
  const { bench, read } = await startConsole({ playbooks: [near] });
  await bench.take([{ labels: slow }]);
  const [escalation] = await bench.escalations();
  const text = textOf((await read(`/escalations/${escalation?.value.id}`)).body);
  expect(text).toMatch(/Summary something is wrong .*Some playbooks are near misses/);
  expect(text).toContain('expected "shop", got no such label');
});

describe('the overview', () => {
  const at = (severity: string, labels: object) => ({ labels: { severity, ...labels } });

  test('shows a row for each escalation, the most severe first, and narrows it down by the address', async () => {
    const { bench, read } = await startConsole({ playbooks: [] });
    await bench.take([at('info', { alertname: 'Odd', service: 'web', team: 'shop' })]);
    await bench.take([at('critical', { alertname: 'Bad', service: 'db' })]);
    const titles = async (path: string) =>
      [...(await read(path)).body.matchAll(/class="item-title"[^>]*>([^<]+)</g)].map(
        ([, title]) => title,
      );
    expect(await titles('/')).toEqual(['Bad: db', 'Odd: web']);
    expect(await titles('/?service=web')).toEqual(['Odd: web']);
    expect(await titles('/?owner=shop&severity=info')).toEqual(['Odd: web']);
    expect(await titles('/?q=alertname%3DBad')).toEqual(['Bad: db']);
    expect(await titles('/?page=2')).toEqual([]);
    expect((await read('/')).body).toContain('<title>(2) Overview · Jidoka</title>');
  });

  test('shows on a row what changed before the alert', async () => {
    const { bench, read } = await startConsole({ playbooks: [] });
    await bench.take([at('critical', { alertname: 'Bad', service: 'db' })]);
    const [escalation] = await bench.escalations();
    const key = bench.ledger.keys.gathered(escalation?.value.id ?? '');
    await bench.redis.set(key, JSON.stringify({ headline: 'Deployed 4 minutes before the alert' }));
    expect(textOf((await read('/')).body)).toMatch(
      /Deployed 4 minutes before the alert · something is wrong/,
    );
  });

  test('says that all is clear, and what to set up next', async () => {
    const { read } = await startConsole({ playbooks: [] });
    const text = textOf((await read('/')).body);
    expect(text).toContain('All clear. Nothing needs attention.');
    expect(text).toContain('Next step: Have Alertmanager post to /webhooks/alertmanager');
  });

  test('leads to all alerts of an escalation, with what differs between them as columns', async () => {
    const { bench, read } = await startConsole({ playbooks: [] });
    const alerts = Array.from({ length: 130 }, (_, index) => ({
      labels: { alertname: 'Odd', service: 'web', instance: `10.0.0.${index}` },
    }));
    await bench.take(alerts);
    const [escalation] = await bench.escalations();
    const path = `/escalations/${escalation?.value.id}`;
    const [first, second] = [(await read(path)).body, (await read(`${path}?alerts=2`)).body];
    expect(textOf(first)).toContain('Alerts 130 firing alertname Odd service web');
    expect(textOf(first)).toMatch(/instance Summary Since 10\.0\.0\.\d+ something is wrong/);
    const instances = [first, second].flatMap((body) =>
      [...body.matchAll(/>(10\.0\.0\.\d+)<\/a>/g)].map(([, instance]) => instance),
    );
    expect(new Set(instances).size).toBe(130);
  });
});

describe('the playbooks', () => {
  test('are listed in their order, with what came of them and what holds them', async () => {
    const { bench, read } = await startConsole();
    await letPass(bench, slow);
    await bench.pauses.set({ of: 'playbook', name: 'b' }, { by: 'ada', why: 'w', forMs: null });
    const { body } = await read('/playbooks');
    expect([...body.matchAll(/href="\/playbooks\/([^"]+)"/g)].map(([, name]) => name)).toEqual([
      'scale-up',
      'b',
      'c',
    ]);
    expect(textOf(body)).toContain('ran once, helped 1');
    expect(textOf(body)).toMatch(/ b Adds a replica\. auto Paused /);
  });

  test('are found by what they say of themselves', async () => {
    const { read } = await startConsole();
    const { body } = await read('/playbooks?q=alertname="c"');
    expect([...body.matchAll(/href="\/playbooks\/([^"]+)"/g)].map(([, name]) => name)).toEqual([
      'c',
    ]);
    expect(textOf((await read('/playbooks?q=nothing')).body)).toContain('No playbook matches.');
  });

  test('each have a page with evidence, guards, runs and the text of their file', async () => {
    const { bench, read } = await startConsole();
    await letPass(bench, slow);
    const { body } = await read('/playbooks/scale-up');
    const text = textOf(body);
    expect(text).toContain('name: scale-up summary: Adds a replica.');
    expect(text).toMatch(/Ran 1 1 … helped 1 1/);
    expect(text).toContain('1m on average, half within 1m');
    expect(text).toMatch(/the whole fleet 1 of 20 in 1h 19/);
    const [run] = await bench.runs();
    expect(body).toContain(`href="/runs/${run?.id}"`);
    expect((await read('/playbooks/scale-down')).status).toBe(404);
  });

  test('say which alerts that were they would match, and what comes before them', async () => {
    const second = scaleUp.replace('name: scale-up', 'name: second');
    const { bench, read } = await startConsole({ playbooks: [scaleUp, second] });
    await letPass(bench, slow);
    await letPass(bench, { alertname: 'Odd', service: 'web' });
    const first = textOf((await read('/playbooks/scale-up/alerts')).body);
    expect(first).toContain('1 of 2 searched alerts');
    expect(first).toMatch(/Slow \(web\) .* Matches Resolved scale-up: /);
    expect(textOf((await read('/playbooks/second/alerts')).body)).toContain(
      'Too late scale-up comes first',
    );
  });
});

describe('the history', () => {
  test('shows what share was auto-remediated, how that is computed, and what was escalated', async () => {
    const { bench, read } = await startConsole();
    await letPass(bench, slow);
    await letPass(bench, { alertname: 'Odd', service: 'db' });
    bench.clock.advance(2 * minute);
    await countAlerts(bench);
    const { body } = await read('/history');
    const text = textOf(body);
    expect(text).toContain('50 % auto-remediated: 1 of 2 alerts that needed action');
    expect(text).toContain('15 min saved: 1 alerts × 15 min');
    expect(text).toMatch(/1 Odd service db history/);
    expect(body).toContain('href="/history?q=alertname%3DOdd+service%3Ddb"');
  });

  test.each([
    ['q=web', ['Slow (web)', 'Odd (web)']],
    ['q=WEB+slow', ['Slow (web)']],
    ['q=alertname%3DOdd', ['Odd (web)']],
    ['q=alertname%3Dodd', []],
    ['playbook=scale-up', ['Slow (web)']],
    ['fate=escalated', ['Odd (web)']],
    ['reason=no_match&playbook=scale-up', []],
    ['until=2000-01-01', []],
    ['since=2000-01-01', ['Slow (web)', 'Odd (web)']],
    ['since=never&fate=nothing&reason=x', ['Slow (web)', 'Odd (web)']],
  ])('finds alerts by %s', async (query, found) => {
    const { bench, read } = await startConsole();
    await letPass(bench, { alertname: 'Odd', service: 'web' });
    await letPass(bench, slow);
    const { status, body } = await read(`/history?${query}`);
    expect(status).toBe(200);
    const names = [...body.matchAll(/href="\/alerts\/[^"]+">([^<]+)</g)].map(([, name]) => name);
    expect(names).toEqual(found);
  });

  test('searches further back where it is asked to, and shows each alert once', async () => {
    const { bench, read } = await startConsole();
    const alerts = Array.from({ length: 120 }, (_, index) => ({ alertname: `Odd${index}` }));
    await bench.take(alerts.map((labels) => ({ labels })));
    const seen: string[] = [];
    let path: string | undefined = '/history?q=odd';
    for (let page = 0; path !== undefined && page < 9; page += 1) {
      const { body } = await read(path);
      seen.push(...[...body.matchAll(/href="\/alerts\/([^"]+)"/g)].map(([, id]) => id ?? ''));
      path = /href="([^"]+)" rel="next"/.exec(body)?.[1]?.replaceAll('&amp;', '&');
    }
    expect(seen).toHaveLength(120);
    expect(new Set(seen).size).toBe(120);
    expect((await read('/history?before=nonsense')).status).toBe(400);
  });

  test('shows labels that are no words as text', async () => {
    const { bench, read } = await startConsole();
    const hostile = '"><script>alert(1)</script>';
    await letPass(bench, { alertname: hostile, service: hostile });
    bench.clock.advance(2 * minute);
    await countAlerts(bench);
    for (const path of [
      '/history',
      `/history?q=${encodeURIComponent(hostile)}&playbook=${encodeURIComponent(hostile)}`,
    ]) {
      const { status, body } = await read(path);
      expect(status).toBe(200);
      expect(body).not.toContain('<script>');
      expect(body).toContain('&lt;script&gt;');
    }
  });
});

test('what a page asks of Redis does not grow with the ledger', async () => {
  const { bench, read } = await startConsole({ ownRedis: true });
  const paths = [
    '/',
    '/escalations',
    '/playbooks',
    '/playbooks/scale-up',
    '/playbooks/scale-up/alerts',
    '/history',
    '/history?q=nothing',
    '/runs',
  ];
  const counting = await countCommands(bench.redis, bench.cell);
  onTestFinished(counting.stop);
  const costs = async () => {
    const counts: number[] = [];
    for (const path of paths) counts.push(await counting.during(() => read(path)));
    return counts;
  };
  const fill = async (from: number, count: number) => {
    const alerts = Array.from({ length: count }, (_, index) => ({
      labels: { ...slow, instance: `${from + index}` },
    }));
    await bench.take(alerts);
    await bench.take(alerts.map((alert) => ({ ...alert, resolved: true })));
    bench.clock.advance(2 * minute);
    await countAlerts(bench);
  };
  // as much as any page shows
  for (let run = 0; run < 25; run += 1) await letPass(bench, { ...slow, run: `${run}` });
  await fill(0, 1_100);
  const before = await costs();
  await fill(2_000, 500);
  const grown = (await costs()).map((count, index) => Math.max(0, count - (before[index] ?? 0)));
  expect(grown).toEqual(paths.map(() => 0));
});
