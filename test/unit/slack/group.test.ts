import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type GroupInput, renderGroup } from '../../../src/slack/group.js';
import { linesOf, reminderLine } from '../../../src/slack/line.js';
import { absurdText, escalations, expectHarmless, runs } from './absurd.js';
import { answered, sampleEscalation, sampleRun, startMs } from './samples.js';

const question = (title: string) => ({
  escalation: sampleEscalation({ title }),
  joined: 1,
  openEpisodes: 1,
  run: null,
});

function group(differences: Partial<GroupInput> = {}): GroupInput {
  const named = [question('a'), question('b')];
  const counts = { members: 2, open: 2, firing: 2 };
  return { createdAtMs: startMs, ...counts, named, notes: [], link: null, ...differences };
}

describe('the message of a group', () => {
  test('leaves out what it cannot name, and says how many', () => {
    const named = Array.from({ length: 10 }, (_, index) => question(`q${index}`));
    const said = JSON.stringify(renderGroup(group({ named, open: 1_000, members: 1_200 })).blocks);
    expect(said).toContain('*q9*');
    expect(said).toContain('… and 990 more');
    expect(said).toContain('1000 of 1200 questions open');
  });

  test('counts what it had no room to name with what it was not told of', () => {
    const named = Array.from({ length: 10 }, (_, index) => ({
      ...question('"'.repeat(300)),
      escalation: sampleEscalation({
        title: `${index}${'"'.repeat(300)}`,
        annotations: { summary: '"'.repeat(300) },
      }),
    }));
    const said = JSON.stringify(renderGroup(group({ named, open: 50 })).blocks);
    const shown = said.split('\\n•').length;
    expect(shown).toBeLessThan(10);
    expect(said).toContain(`… and ${50 - shown} more`);
  });

  test('leads to the console where that has more, and to the page of its only question', () => {
    const consoleUrl = 'https://jidoka.example';
    const many = JSON.stringify(renderGroup(group({ open: 1_000, consoleUrl })).blocks);
    expect(many).toContain('more; see <https://jidoka.example/|the console> or');
    const one = group({ named: [question('a')], members: 1, open: 1, consoleUrl });
    expect(JSON.stringify(renderGroup(one).blocks)).toContain('/escalations/esc1|');
  });

  test('leads those who are called from elsewhere to the thread', () => {
    const link = 'https://x.slack.com/archives/C1/p1?thread_ts=1.2&cid=C1';
    expect(JSON.stringify(renderGroup(group({ link })).blocks)).toContain(
      '<https://x.slack.com/archives/C1/p1?thread_ts=1.2&amp;cid=C1|in their thread>',
    );
  });
});

describe('the lines of a thread', () => {
  test('say that an answer is void instead of how the run goes', () => {
    const escalation = { ...answered('approve', 'Approve', 'run1'), kind: 'approval' as const };
    const run = sampleRun({ escalationId: 'esc2', state: 'awaiting_approval' });
    const events = linesOf({ ...escalation, runId: 'run1' }, run, true).map(({ event }) => event);
    expect(events).toEqual(['answered', 'void']);
  });

  test('leave to a message of its own how a question closed', () => {
    const withdrawn = sampleEscalation({ state: 'withdrawn' });
    expect(linesOf(withdrawn, null, true)).toEqual([]);
    expect(linesOf(withdrawn, null, false)).toHaveLength(1);
  });
});

const inputs = fc.record({
  escalation: escalations,
  run: runs,
  joined: fc.nat(),
  openEpisodes: fc.nat(),
});

test('whatever alerts say, the message of their group keeps the limits of Slack and calls nobody', () => {
  const counts = fc.record({ members: fc.nat(), open: fc.nat(), firing: fc.nat() });
  fc.assert(
    fc.property(fc.array(inputs, { maxLength: 10 }), counts, (named, numbers) => {
      expectHarmless(renderGroup(group({ named, ...numbers })));
    }),
    { numRuns: 60 },
  );
}, 60_000);

test('whatever alerts say, the lines of their thread keep the limits of Slack and call nobody', () => {
  const passedOn = fc.array(
    fc.record({
      atMs: fc.constant(startMs),
      channel: fc.option(absurdText, { nil: undefined }),
      mention: fc.constant(['U1']),
    }),
    { maxLength: 10 },
  );
  fc.assert(
    fc.property(escalations, runs, passedOn, fc.boolean(), (escalation, run, passed, isOwn) => {
      const lines = linesOf({ ...escalation, passedOn: passed }, run, isOwn);
      for (const { content } of lines) expectHarmless(content);
      expectHarmless(reminderLine(3, escalation.title));
    }),
    { numRuns: 100 },
  );
}, 60_000);
