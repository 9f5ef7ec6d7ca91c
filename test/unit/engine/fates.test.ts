import { describe, expect, test } from 'vitest';
import { ownAlertName } from '../../../src/alertmanager/own-alert.js';
import { reasons } from '../../../src/ledger/reason.js';
import { type Bench, scaleUp, startBench } from '../../support/memory-engine.js';

let bench: Bench;

const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };
const named = (name: string, more = '') =>
  scaleUp.replace('name: scale-up', `name: ${name}\n${more}`);
const on = (service: string) => (playbook: string) =>
  playbook.replace('"${{ labels.service }}"', service);

async function start(...playbooks: string[]): Promise<Bench> {
  bench = startBench({ playbooks });
  for (const name of ['web', 'api']) bench.targets.add(name, 2);
  return bench;
}

const fates = async () =>
  (await bench.episode(slow)).verdicts.map(({ playbook, fate, reason }) => [
    playbook,
    fate,
    reason,
  ]);

describe('the fate of an alert', () => {
  test('is to be ignored where a playbook says so, and nobody is told', async () => {
    await start('name: watchdog\nsummary: Always fires.\nmatch: alertname = "Slow"\nignore: true');
    await bench.take([{ labels: slow }]);
    await bench.pass(60 * minute);
    expect(await fates()).toEqual([['watchdog', 'ignored', 'ignored']]);
    expect(await bench.escalations()).toEqual([]);
    expect(bench.targets.calls).toEqual({ observe: 0, apply: 0, verify: 0 });
  });

  test('is shown by a playbook in shadow, and decided by the next', async () => {
    await start(named('trial').replace('mode: auto', 'mode: shadow'), named('real'));
    await bench.take([{ labels: slow }]);
    expect(await fates()).toEqual([
      ['real', 'run', 'matched'],
      ['trial', 'shadow', 'matched'],
    ]);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });

  test('is a person where only a playbook in shadow would take it, and the trial starts no run', async () => {
    await start(named('trial').replace('mode: auto', 'mode: shadow'));
    await bench.take([{ labels: slow }]);
    await bench.pass(minute);
    expect(await fates()).toEqual([
      [null, 'escalated', 'no_match'],
      ['trial', 'shadow', 'matched'],
    ]);
    expect(bench.targets.calls.apply).toBe(0);
  });

  test('is several runs where a playbook says continue', async () => {
    await start(on('web')(named('first', 'continue: true')), on('api')(named('second')));
    await bench.take([{ labels: slow }]);
    expect(bench.targets.effects.sort()).toEqual(['api: 2 → 3', 'web: 2 → 3']);
    await bench.take([{ labels: slow, resolved: true }]);
    const outcomes = (await bench.runs()).map(({ outcome }) => outcome?.reason);
    expect(outcomes).toEqual(['resolved', 'resolved']);
  });

  test('is several runs one after the other where they change the same target', async () => {
    await start(named('first', 'continue: true'), named('second'));
    await bench.take([{ labels: slow }]);
    expect(await fates()).toEqual([
      ['first', 'run', 'matched'],
      ['second', 'held', 'target_busy'],
    ]);
    await bench.pass(3 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
  });

  test('is written down with a reason out of the closed list, and so is every turn of a run', async () => {
    await start(named('first', 'continue: true'), named('second'));
    await bench.take([{ labels: slow }, { labels: { alertname: 'Other' } }]);
    await bench.pass(10 * minute);
    const episodes = await bench.audited('episode');
    const records = [...episodes, ...(await bench.audited('run'))];
    for (const { reason } of records)
      if (reason !== undefined) expect(reasons).toHaveProperty(reason);
    expect(episodes.filter(({ event }) => event === 'escalated')).toMatchObject([
      { reason: 'no_match' },
    ]);
    expect((await bench.audited('run')).filter(({ event }) => event === 'ended')).toMatchObject([
      { reason: 'exhausted' },
      { reason: 'exhausted' },
    ]);
  });
});

test('an alert that Jidoka posted to Alertmanager itself needs nobody when it comes back', async () => {
  await start(named('all').replace('alertname = "Slow"', 'alertname =~ ".+"'));
  const own = { alertname: ownAlertName, severity: 'critical', escalation: 'e1', service: 'web' };
  await bench.take([{ labels: own }]);
  await bench.take([{ labels: own }]);
  expect((await bench.episode(own)).verdicts).toMatchObject([
    { playbook: null, fate: 'ignored', reason: 'ignored' },
  ]);
  expect(await bench.escalations()).toEqual([]);
  expect(bench.targets.effects).toEqual([]);
});

describe('when the playbooks change', () => {
  const cooled = named('cooled').replace('cooldown: 0', 'cooldown: 1h');

  test('a run goes on as it began', async () => {
    await start(named('first').replace('settle: 2m', 'settle: 1m\n    repeat: 2'));
    await bench.take([{ labels: slow }]);
    await bench.reload({ playbooks: [named('other').replace('"Slow"', '"Else"')] });
    await bench.pass(90_000);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
  });

  test('an alert that is held is decided by what holds then', async () => {
    await start(cooled);
    await bench.write(['SET', bench.ledger.keys.changed('test.service/web'), bench.clock.now()]);
    await bench.take([{ labels: slow }]);
    expect(await fates()).toEqual([['cooled', 'held', 'cooldown']]);
    await bench.reload({ playbooks: [named('other').replace('"Slow"', '"Else"')] });
    await bench.pass(20 * minute);
    expect(await fates()).toEqual([[null, 'escalated', 'no_match']]);
    expect(await bench.escalations()).toHaveLength(1);
    const left = (await bench.ledger.due(Number.MAX_SAFE_INTEGER, 100)).map(({ item }) => item);
    expect(left.filter((item) => item.startsWith('episode:'))).toEqual([]);
  });

  test('a hold of a playbook that is gone is forgotten, where another has had its say already', async () => {
    await start(named('first', 'continue: true'), cooled);
    await bench.take([{ labels: slow }]);
    await bench.reload({ playbooks: [named('first')] });
    await bench.pass(20 * minute);
    expect(await fates()).toEqual([['first', 'run', 'matched']]);
    const left = (await bench.ledger.due(Number.MAX_SAFE_INTEGER, 100)).map(({ item }) => item);
    expect(left.filter((item) => item.startsWith('episode:'))).toEqual([]);
  });
});
