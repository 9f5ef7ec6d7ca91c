import type { Clock } from '../clock.js';
import type { Config } from '../config.js';
import type { Explanation } from '../engine/explain/explanation.js';
import type { Question } from '../engine/explain/question.js';
import type { ActivePlaybooks } from '../engine/parts.js';
import { answerEscalation, type GivenAnswer } from '../escalation/answer.js';
import type { Lessons } from '../escalation/answer-lesson.js';
import { createDeciders } from '../escalation/deciders.js';
import { createSlackPeople } from '../escalation/slack-people.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Logger } from '../logger.js';
import { createTakeInteraction } from '../receiver/slack-interaction.js';
import { createSlackSocket } from '../receiver/slack-socket.js';
import { createWhyOf } from '../receiver/slack-why.js';

/** Whoever clicks waits for it. */
const slackTimeoutMs = 5_000;

/** Puts together how people answer: the one function for all doors, and what Slack's doors lead to, with one of them: the socket. */
export function createDecisions(parts: {
  readonly config: Config;
  readonly ledger: Ledger;
  readonly active: () => ActivePlaybooks;
  readonly wake: (item: string, atMs: number) => Promise<void>;
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
  const takeInteraction = createTakeInteraction({
    answer,
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
  return { answer, takeInteraction, socket };
}
