import type { ActivePlaybooks } from '../engine/context/context.js';
import type { Explanation } from '../engine/explain/explanation.js';
import type { Question } from '../engine/explain/question.js';
import { answerEscalation, type GivenAnswer } from '../engine/people/answer.js';
import type { Lessons } from '../engine/people/answer-suggestion.js';
import { cancelRun, type GivenCancel } from '../engine/people/cancel.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Wake } from '../ledger/schedule-item.js';
import type { Clock } from '../lib/clock.js';
import type { Logger } from '../lib/logger.js';
import { createDeciders } from '../slack/deciders.js';
import { createTakeInteraction } from '../slack/interaction.js';
import { createSlackPeople } from '../slack/people.js';
import { createSlackSocket } from '../slack/socket.js';
import { createWhyOf } from '../slack/why.js';
import type { Config } from './config.js';

/** Anyone who clicks waits for it. */
const slackTimeoutMs = 5_000;

/** Puts together how people answer: the one function for all doors, and what Slack's doors lead to, with one of them: the socket. */
export function createDecisions(parts: {
  readonly config: Config;
  readonly ledger: Ledger;
  readonly active: () => ActivePlaybooks;
  readonly wake: Wake;
  readonly explain: (question: Question) => Promise<readonly Explanation[]>;
  readonly lessons: Lessons;
  readonly clock: Clock;
  readonly log: Logger;
}) {
  const { config, ledger, active, wake, explain, lessons, clock, log } = parts;
  const { botToken, apiUrl } = config.slack;
  const slack =
    botToken === undefined
      ? undefined
      : createSlackPeople({ botToken, apiUrl, timeoutMs: slackTimeoutMs });
  const approversOf = (playbook: string | null) =>
    active().library.playbooks.find(({ name }) => name === playbook)?.approvers ??
    active().policy.approvers;
  const { mayDecide, mayAsk } = createDeciders({ approversOf, slack, clock });
  const policy = () => active().policy;
  const answer = (given: GivenAnswer) =>
    answerEscalation({ ledger, clock, wake, policy, mayDecide, lessons }, given);
  const cancel = (given: GivenCancel) => cancelRun({ ledger, clock, wake, mayDecide }, given);
  const takeInteraction = createTakeInteraction({
    answer,
    cancelRunOf: async (escalationId, person) => {
      const runId = (await ledger.escalation(escalationId))?.value.runId ?? null;
      return runId === null ? { kind: 'unknown_run' } : cancel({ id: runId, person });
    },
    mayAsk,
    whyOf: createWhyOf({ ledger, explain, clock }),
    openForm: slack?.openForm ?? (() => Promise.reject(new Error('SLACK_BOT_TOKEN is not set'))),
    log,
  });
  const { appToken } = config.slack;
  const socket =
    appToken === undefined
      ? undefined
      : createSlackSocket({ appToken, apiUrl, takeInteraction, log });
  return { answer, cancel, takeInteraction, socket };
}
