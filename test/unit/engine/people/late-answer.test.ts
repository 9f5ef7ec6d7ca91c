import { expect, test } from 'vitest';
import { answerEscalation } from '../../../../src/engine/people/answer.js';
import { expire } from '../../../../src/engine/people/expiry.js';
import { anybodyDecides } from '../../../../src/escalation/person.js';
import type { Choice } from '../../../../src/ledger/escalation.js';
import { defaultPolicy } from '../../../../src/playbook/policy.js';
import { sampleRun } from '../../ledger/sample-run.js';
import { sampleEscalation } from '../../slack/samples.js';
import { createMemoryContext } from '../memory-context.js';

const choices: readonly Choice[] = (['approve', 'deny'] as const).map((kind) => ({
  id: kind,
  label: kind,
  style: undefined,
  does: { kind },
}));

/** A run that waits for the approval that a question asks for until `expiresAtMs`. */
async function ask() {
  const memory = createMemoryContext();
  const { context, ledger, clock, save } = memory;
  const nowMs = clock.now();
  const expiresAtMs = nowMs + 60_000;
  const run = sampleRun({ state: 'awaiting_approval', escalationId: 'esc1', nowMs });
  const question = sampleEscalation({
    kind: 'approval',
    caseId: run.caseId,
    runId: run.id,
    choices,
    createdAtMs: nowMs,
    expiresAtMs,
  });
  await save(
    [ledger.saveRun(null, run), ledger.saveEscalation(null, question, nowMs)],
    ledger.joinCase(run.caseId, 'alert'),
  );
  const click = (choiceId: string) =>
    answerEscalation(
      {
        ...context,
        policy: () => defaultPolicy,
        mayDecide: anybodyDecides,
      },
      { id: question.id, choiceId, person: { via: 'console', name: 'Ada' } },
    );
  return { ...memory, run, question, click, expiresAtMs };
}

test.each(['approve', 'deny'])(
  'a click on %s while the run waits for approval counts',
  async (choiceId) => {
    const { ledger, run, click } = await ask();
    expect(await click(choiceId)).toMatchObject({ kind: 'accepted' });
    const state = choiceId === 'approve' ? 'admitting' : 'ended';
    expect((await ledger.run(run.id))?.value.state).toBe(state);
  },
);

test.each(['approve', 'deny'])(
  'a click on %s after a crash between the end of a run and of its question leaves the run ended',
  async (choiceId) => {
    const { context, ledger, clock, records, run, question, click } = await ask();
    clock.advance(60_000);
    const dying = {
      ...ledger,
      async commit(transaction: Parameters<typeof ledger.commit>[0]) {
        if ((await ledger.run(run.id))?.value.state === 'ended') throw new Error('the engine dies');
        return ledger.commit(transaction);
      },
    };
    await expect(expire({ ...context, ledger: dying }, question.id)).rejects.toThrow('dies');
    const before = await ledger.run(run.id);
    expect(before?.value).toMatchObject({ state: 'ended', outcome: { reason: 'expired' } });
    expect((await ledger.escalation(question.id))?.value.state).toBe('open');
    records.length = 0;

    expect(await click(choiceId)).toMatchObject({ kind: 'too_late' });
    expect(await ledger.run(run.id)).toEqual(before);
    expect(records).toEqual([]);

    await expire(context, question.id);
    expect((await ledger.escalation(question.id))?.value.state).toBe('expired');
  },
);
