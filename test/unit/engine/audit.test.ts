import { expect, test } from 'vitest';
import type { AuditRecord } from '../../../src/ledger/audit.js';
import type { Choice } from '../../../src/ledger/escalation.js';
import { type Bench, scaleUp, startBench } from '../../support/memory-engine.js';

/* Every test of the engine fails where something changes unrecorded: see test/support/recorded.ts. */

let bench: Bench;

const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };
const ask = scaleUp.replace('scale-up', 'ask').replace('Slow', 'Full').replace('auto', 'approve');
const quiet = 'name: quiet\nsummary: Nobody cares.\nmatch: alertname = "Quiet"\nignore: true\n';

async function start(policy = 'approval_expires: 10m'): Promise<Bench> {
  bench = startBench({ playbooks: [scaleUp, ask, quiet], policy });
  for (const name of ['web', 'api', 'db']) bench.targets.add(name, 2);
  return bench;
}

/** What happened, as `subject event`, each once. */
async function recorded(): Promise<string[]> {
  const subjects: readonly AuditRecord['subject'][] = ['episode', 'run', 'escalation'];
  const all = await Promise.all(subjects.map((subject) => bench.audited(subject)));
  return [...new Set(all.flat().map(({ subject, event }) => `${subject} ${event}`))].sort();
}

test('a change without a record is refused in every test of the engine', async () => {
  await start();
  await bench.take([{ labels: slow }]);
  const [run] = await bench.runs();
  const stored = await bench.ledger.run(run?.id ?? '');
  if (stored === null) throw new Error('there is no run');
  const save = bench.ledger.saveRun(stored, { ...stored.value, state: 'ended', dueAtMs: null });
  const nowMs = bench.clock.now();
  const forgetful = bench.ledger.commit({ checks: [save.check], writes: save.writes, nowMs });
  await expect(forgetful).rejects.toThrow(`not in the audit trail: run ${run?.id} became ended`);
});

test('what happens to alerts, runs and questions is recorded under their names', async () => {
  await start();
  await bench.take([{ labels: slow }, { labels: { ...slow, instance: 'b' } }]);
  await bench.take([{ labels: { alertname: 'Quiet' } }, { labels: { alertname: 'Odd' } }]);
  await bench.take([{ raw: { status: 'nonsense' } }]);
  await bench.pass(30 * minute);
  await bench.take([{ labels: slow, resolved: true }]);
  await bench.take([{ labels: { alertname: 'NeverFired' }, resolved: true }]);
  await bench.take([{ labels: { alertname: 'Odd' }, resolved: true }]);

  for (const service of ['web', 'api', 'db']) {
    await bench.take([{ labels: { alertname: 'Full', service } }]);
  }
  const questions = (await bench.escalations()).filter(({ value }) => value.kind === 'approval');
  await bench.answer(questions[0]?.value.id ?? '', 'approve');
  await bench.answer(questions[1]?.value.id ?? '', 'deny');
  await bench.pass(15 * minute);
  const report = (await bench.escalations()).find(
    ({ value }) => value.kind === 'report' && value.state === 'open' && value.runId !== null,
  );
  if (report === undefined) throw new Error('nobody was told');
  const act: Choice = {
    id: 'act',
    label: 'One more',
    style: undefined,
    does: {
      kind: 'act',
      action: 'test.scale',
      params: { service: 'db', by: 1, max: 8 },
      target: { id: 'test.service/db', name: 'db' },
    },
  };
  const { check, writes } = bench.ledger.saveEscalation(
    report,
    { ...report.value, choices: [act] },
    null,
  );
  await bench.ledger.commit({ checks: [check], writes, nowMs: bench.clock.now() });
  await bench.answer(report.value.id, 'act');
  await bench.settle();

  expect(await recorded()).toEqual([
    'episode escalated',
    'episode ignored',
    'episode opened',
    'episode resolved',
    'episode resolved_before',
    'escalation answered',
    'escalation expired',
    'escalation opened',
    'escalation reminded',
    'escalation withdrawn',
    'run admitted',
    'run applied',
    'run applying',
    'run approved',
    'run asked',
    'run converged',
    'run ended',
    'run joined',
    'run started',
  ]);
  const people = (await bench.audited('run')).filter(({ by }) => by !== undefined);
  expect(people).toMatchObject([
    { event: 'approved', reason: 'approval', by: 'ada' },
    { event: 'ended', reason: 'denied', by: 'ada' },
    { event: 'started', reason: 'chosen', by: 'ada' },
  ]);
});
