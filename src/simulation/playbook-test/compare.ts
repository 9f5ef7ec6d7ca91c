import type { Labels } from '../../alertmanager/alert.js';
import { effectText } from '../../integrations/contract/simulation.js';
import type { Disposition } from '../../ledger/episode.js';
import type { Run } from '../../ledger/run.js';
import type { Expected } from '../../playbook/test/expect-schema.js';
import type { Message } from '../messages.js';
import type { Difference } from './difference.js';
import type { Stage } from './stage.js';
import { describeLabels, describeMessage } from './story.js';

/** Compares what a test expects at one time with what is. */
export async function compare(stage: Stage, entry: number): Promise<Difference[]> {
  const { simulation, story, test } = stage;
  const expected = test.expect[entry];
  if (expected === undefined) return [];
  const found: Difference[] = [];
  const differ = (what: string, lines: readonly string[]) => {
    if (lines.every((line) => line.startsWith(' '))) return;
    found.push({ place: ['expect', entry, what], afterMs: expected.at, what, lines });
  };
  if (expected.effects !== undefined) {
    const wanted = expected.effects.flat().map(({ target, change }) => `${target}: ${change}`);
    const actual = story.effects.map((effect) => `${effect.name}: ${effectText(effect)}`);
    differ('effects', sideBySide(wanted, actual));
  }
  if (expected.messages !== undefined) {
    differ('messages', compareMessages(expected.messages, story.messages));
  }
  if (expected.decisions !== undefined) {
    differ('decisions', eachThere(expected.decisions, await decisions(stage), isDecision, shown));
  }
  if (expected.runs !== undefined) {
    differ('runs', eachThere(expected.runs, await runs(stage), isRun, shown));
  }
  for (const [kind, sizes] of Object.entries(expected.sizes)) {
    const lines = Object.entries(sizes ?? {}).flatMap(([name, size]) => {
      const actual = simulation.sizeOf(kind, name) ?? 'there is none';
      return sideBySide([`${name}: ${size}`], [`${name}: ${actual}`]);
    });
    differ(kind, lines);
  }
  return found;
}

/** Two lists that should be the same, one after another. */
function sideBySide(expected: readonly string[], actual: readonly string[]): string[] {
  const lines: string[] = [];
  for (let index = 0; index < Math.max(expected.length, actual.length); index += 1) {
    const [wanted, is] = [expected[index], actual[index]];
    if (wanted === is) lines.push(`  ${is}`);
    else
      lines.push(
        ...(wanted === undefined ? [] : [`- ${wanted}`]),
        ...(is === undefined ? [] : [`+ ${is}`]),
      );
  }
  return lines;
}

type ExpectedMessage = NonNullable<Expected['messages']>[number];

function compareMessages(
  expected: readonly ExpectedMessage[],
  actual: readonly Message[],
): string[] {
  const lines: string[] = [];
  for (let index = 0; index < Math.max(expected.length, actual.length); index += 1) {
    const [wanted, is] = [expected[index], actual[index]];
    if (wanted !== undefined && is !== undefined && isMessage(is, wanted)) {
      lines.push(`  ${describeMessage(is).split('\n')[0]}`);
      continue;
    }
    if (wanted !== undefined) lines.push(`- ${shown(wanted)}`);
    if (is !== undefined) lines.push(`+ ${describeMessage(is)}`);
  }
  return lines;
}

function isMessage(
  { channel, title, text, escalation }: Message,
  expected: ExpectedMessage,
): boolean {
  const labels = (escalation.choices ?? []).map(({ label }) => label);
  return (
    (expected.channel === undefined || expected.channel === channel) &&
    (expected.title === undefined || expected.title === title) &&
    (expected.reason === undefined || expected.reason === escalation.reason) &&
    (expected.contains ?? []).every((part) => `${title}\n${text}`.includes(part)) &&
    (expected.matches === undefined || expected.matches.matches(text)) &&
    (expected.choices === undefined || String(expected.choices) === String(labels))
  );
}

/** Each of the expected has to be there; where none is expected, there has to be none. */
function eachThere<Wanted, Actual>(
  expected: readonly Wanted[],
  actual: readonly Actual[],
  fits: (actual: Actual, wanted: Wanted) => boolean,
  show: (either: Wanted | Actual) => string,
): string[] {
  const missing = expected.filter((wanted) => !actual.some((one) => fits(one, wanted)));
  if (missing.length === 0 && (expected.length > 0 || actual.length === 0)) return [];
  const rest = actual.map((one) => `+ ${show(one)}`);
  return [
    ...missing.map((wanted) => `- ${show(wanted)}`),
    ...(rest.length === 0 ? ['+ none'] : rest),
  ];
}

interface Decision extends Pick<Disposition, 'playbook' | 'fate' | 'reason' | 'detail'> {
  readonly labels: Labels;
}

async function decisions({ simulation, story }: Stage): Promise<readonly Decision[]> {
  const episodes = await simulation.ledger.episodes([...story.identities]);
  return episodes.flatMap((stored) =>
    (stored?.value.verdicts ?? []).map(({ playbook, fate, reason, detail }) => {
      return { labels: stored?.value.labels ?? {}, playbook, fate, reason, detail };
    }),
  );
}

function isDecision(
  { labels, playbook, fate, reason, detail }: Decision,
  expected: NonNullable<Expected['decisions']>[number],
): boolean {
  return (
    Object.entries(expected.alert ?? {}).every(([name, value]) => labels[name] === value) &&
    (expected.playbook === undefined || expected.playbook === playbook) &&
    (expected.fate === undefined || expected.fate === fate) &&
    (expected.reason === undefined || expected.reason === reason) &&
    (expected.contains === undefined || detail.includes(expected.contains))
  );
}

interface RunNow {
  readonly playbook: string | undefined;
  readonly state: Run['state'];
  readonly outcome: string | undefined;
  readonly reason: string | undefined;
}

async function runs({ simulation, story }: Stage): Promise<readonly RunNow[]> {
  const stored = await Promise.all([...story.runs].map((id) => simulation.ledger.run(id)));
  return stored.flatMap((one) => {
    if (one === null) return [];
    const { origin, state, outcome, waiting } = one.value;
    return [
      {
        playbook: origin.kind === 'playbook' ? origin.playbook : undefined,
        state,
        outcome: state === 'ended' ? outcome?.kind : undefined,
        reason: state === 'ended' ? outcome?.reason : waiting?.reason,
      },
    ];
  });
}

function isRun(run: RunNow, expected: NonNullable<Expected['runs']>[number]): boolean {
  return (['playbook', 'state', 'outcome', 'reason'] as const).every(
    (key) => expected[key] === undefined || expected[key] === run[key],
  );
}

/** Keys and values in a line, as they are written in a test. */
function shown(value: object): string {
  const words = Object.entries(value).flatMap(([key, each]) => {
    if (each === undefined || each === null) return [];
    if (key === 'labels' || key === 'alert') return [`alert: ${describeLabels(each as Labels)}`];
    if (key === 'matches') return [`matches: ${(each as { source: string }).source}`];
    return [`${key}: ${typeof each === 'string' ? each : JSON.stringify(each)}`];
  });
  return words.join(', ');
}
