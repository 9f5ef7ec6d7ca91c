import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import type { countedEscalationSchema } from '../api/escalation-schema.js';
import type { lessonDraftSchema } from '../api/lesson-schema.js';
import { visible } from '../lib/visible.js';
import { adminTokenFor } from './admin-token.js';
import { createEngineClient, defaultEngineUrl, type EngineClient } from './engine-client.js';
import { type Output, write, writeJson } from './output.js';
import { operatorOf } from './pause/operator.js';
import { describeLength } from './shown.js';
import { UsageError } from './usage-error.js';

type Offer = z.output<typeof countedEscalationSchema>;
type Draft = z.output<typeof lessonDraftSchema>;

const callTimeoutMs = 30_000;
/** How long it is waited for the trial on the recorded history. */
const trialWithinMs = 70_000;
const lookEveryMs = 500;

/** The options of `jidoka learn`. */
export interface LearnOptions {
  readonly write?: boolean | undefined;
  readonly by?: string | undefined;
  readonly url?: string | undefined;
  readonly output: Output;
}

/** `jidoka learn`: offers of playbooks, and what they would make. Returns the exit code. */
export async function learn(
  id: string | undefined,
  { write: isAccepted, by, url, output }: LearnOptions,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  if (id === undefined && isAccepted) throw new UsageError('--write: expected an escalation');
  const adminToken = adminTokenFor(url, env);
  const engine = createEngineClient({
    url: url ?? defaultEngineUrl(env),
    adminToken,
    timeoutMs: callTimeoutMs,
  });
  if (id === undefined) {
    const open = await engine.readAll<Offer>('escalations', { state: 'open' });
    const offers = open.filter(({ kind }) => kind === 'lesson');
    if (output === 'json') await writeJson({ items: offers });
    else await write(listed(offers));
    return 0;
  }
  const path = `/api/v1/escalations/${encodeURIComponent(id)}`;
  const person = operatorOf(by, env);
  if (!isAccepted) {
    const draft = await draftOf(engine, id, person, adminToken);
    if (output === 'json') await writeJson(draft);
    else await write(shown(draft));
    return 0;
  }
  const { escalation } = await engine.post<{ escalation: Offer }>(
    `${path}/playbook`,
    { by: person },
    adminToken,
  );
  if (output === 'json') await writeJson(escalation);
  else {
    await write(
      `Wrote ${escalation.lesson?.written} and its tests. The next such alert asks with one click.\n`,
    );
  }
  return 0;
}

/** Asks for the draft where no one has yet, and waits until it has been tried. */
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

function listed(offers: readonly Offer[]): string {
  if (offers.length === 0) return 'No playbook suggestions.\n';
  const lines = offers.map(({ id, title, createdAtMs, detail }) => {
    const since = describeLength(Date.now() - createdAtMs);
    return visible(`${id}  ${title}, for ${since}: ${detail}`);
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
  return `${lines
    .join('\n')
    .split('\n')
    .map((line) => visible(line))
    .join('\n')}\n`;
}
