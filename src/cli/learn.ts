import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { readConfig } from '../config.js';
import type { countedEscalationSchema } from '../receiver/escalation-schema.js';
import type { lessonDraftSchema } from '../receiver/lesson-schema.js';
import { runCommand, UsageError } from './command.js';
import { createEngineClient, defaultEngineUrl, type EngineClient } from './engine-client.js';
import { operatorOf } from './pause/operator.js';
import { describeLength, printable } from './shown.js';

const usage = `usage: jidoka learn [ESCALATION] [options]

Makes a playbook of what a person did, after it helped. Without an ESCALATION it lists the offers that
are open. With one it shows the playbook, its tests, and what it would have done with what was received.

  --write       accept it: the engine writes both files to its folder of playbooks
  --by NAME     who accepts it; your login name unless given
  --url URL     the engine; http://127.0.0.1:$PORT unless given

The playbook asks before it acts (mode: approve). JIDOKA_ADMIN_TOKEN is sent along where it is set.
Exit code 0: done; 1: not; 2: a wrong call.
`;

type Offer = z.output<typeof countedEscalationSchema>;
type Draft = z.output<typeof lessonDraftSchema>;

const callTimeoutMs = 30_000;
/** How long it is waited for the trial on the recorded history. */
const trialWithinMs = 70_000;
const lookEveryMs = 500;

/** `jidoka learn`: offers of playbooks, and what they would make. Gives back the exit code. */
export async function learn(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return runCommand({
    args,
    usage,
    words: true,
    options: {
      write: { type: 'boolean', default: false },
      by: { type: 'string' },
      url: { type: 'string' },
    },
    async run({ write, by, url }, [id, ...others]) {
      if (others.length > 0) throw new UsageError('expected one escalation');
      if (id === undefined && write) throw new UsageError('--write: expected an escalation');
      const { adminToken } = readConfig(env);
      const engine = createEngineClient({
        url: url ?? defaultEngineUrl(env),
        adminToken,
        timeoutMs: callTimeoutMs,
      });
      if (id === undefined) {
        await say(listed(await engine.readAll<Offer>('escalations', { state: 'open' })));
        return 0;
      }
      const path = `/api/v1/escalations/${encodeURIComponent(id)}`;
      const person = operatorOf(by, env);
      if (!write) {
        await say(shown(await draftOf(engine, id, person, adminToken)));
        return 0;
      }
      const { escalation } = await engine.post<{ escalation: Offer }>(
        `${path}/playbook`,
        { by: person },
        adminToken,
      );
      await say(
        `${escalation.lesson?.written} is written, with its tests. The next such alert asks with one click.\n`,
      );
      return 0;
    },
  });
}

/** Asks for the draft where nobody has yet, and waits until it has been tried. */
async function draftOf(
  engine: EngineClient,
  id: string,
  by: string,
  token: string | undefined,
): Promise<Draft> {
  const path = `escalations/${encodeURIComponent(id)}`;
  const { lesson } = await engine.read<Offer>(path);
  if (lesson === undefined) {
    throw new Error(`escalation ${id} offers no playbook; jidoka learn lists those that do`);
  }
  if (lesson.draft === null) {
    await engine.post(`/api/v1/${path}/answer`, { choice: 'draft', by }, token);
  }
  const untilMs = Date.now() + trialWithinMs;
  for (;;) {
    const draft = await engine.read<Draft>(`${path}/playbook`);
    if (draft.trial !== null || Date.now() > untilMs) return draft;
    await sleep(lookEveryMs);
  }
}

function listed(open: readonly Offer[]): string {
  const offers = open.filter(({ kind }) => kind === 'lesson');
  if (offers.length === 0) return 'Nothing waits to be made a playbook.\n';
  const lines = offers.map(({ id, title, createdAtMs, detail }) => {
    const since = describeLength(Date.now() - createdAtMs);
    return printable(`${id}  ${title}, for ${since}: ${detail}`);
  });
  return `${lines.join('\n')}\n\njidoka learn ESCALATION shows the playbook.\n`;
}

function shown({ file, text, testFile, testText, notes, warnings, trial }: Draft): string {
  const remarks = [
    ...warnings.map((warning) => `! ${warning}`),
    ...notes,
    trial ?? 'It is still being tried on what was received.',
  ];
  const lines = [
    `--- ${file}`,
    text,
    `--- ${testFile}`,
    testText,
    '---',
    ...remarks,
    '',
    'Accept it with --write, or put both files into the folder of the playbooks by hand.',
  ];
  return `${lines.join('\n').split('\n').map(printable).join('\n')}\n`;
}

function say(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()));
}
