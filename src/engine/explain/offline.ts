import { identityIn } from '../../alertmanager/identity.js';
import { evaluateStep } from '../../playbook/evaluate-step.js';
import type { ExpressionInput } from '../../playbook/expression.js';
import { EvaluationError } from '../../playbook/expression.js';
import type { Playbook } from '../../playbook/playbook.js';
import { selectPlaybooks } from '../../playbook/select.js';
import { alertInput } from '../context/alert-input.js';
import type { ActivePlaybooks } from '../context/context.js';
import { builtInDecision } from '../decision/built-in-decision.js';
import { decide } from '../decision/decide.js';
import { deliver } from './episode-now.js';
import type { Explanation, Forecast } from './explanation.js';
import {
  type AskedAlert,
  asAsked,
  checkQuestion,
  type Question,
  shownPlaybooks,
} from './question.js';

/** Why guards and plans are not known where no engine was asked. */
const unknown =
  'no engine was asked: guards need its ledger, and the plan needs the current state of the target';

/**
 * Explains alerts by playbooks alone, without a ledger and without targets: which clauses hold, and with
 * which inputs the steps would begin.
 *
 * @throws InputError for a question that cannot be answered.
 */
export function explainOffline(
  options: { readonly set: ActivePlaybooks; readonly workerAsg: string; readonly nowMs: number },
  question: Question,
): readonly Explanation[] {
  checkQuestion(options.set.library, question);
  return question.alerts.map((alert) =>
    explainOne(options, asAsked(options.set.library, alert, question), question),
  );
}

function explainOne(
  { set, workerAsg, nowMs }: Parameters<typeof explainOffline>[0],
  alert: AskedAlert,
  question: Question,
): Explanation {
  const { library, policy, hash } = set;
  const { source = 'alertmanager' } = alert;
  const identity = identityIn(source, alert.labels, new Set(policy.ignoredLabels));
  const asked = { ...alert, source };
  const { episode } = deliver({ active: () => set }, null, asked, identity, nowMs);
  const own = builtInDecision({ rev: 0, value: episode, muted: false }, policy, nowMs);
  const input = alertInput({ workerAsg }, episode);
  const selection = selectPlaybooks(library, input);
  const { labels, annotations, status } = alert;
  return {
    labels,
    annotations,
    status,
    source,
    atMs: nowMs,
    setHash: hash,
    live: false,
    own: own && { fate: 'ignored', reason: own.reason, detail: own.detail },
    forecasts: own === null ? forecasts() : [],
    ...shownPlaybooks(library, selection, input, question),
    episode: null,
  };

  function forecasts(): readonly Forecast[] {
    const { selected, shadows } = selection;
    const taken = [
      ...shadows.map((playbook) => forecast(playbook, true)),
      ...selected.map((playbook) => forecast(playbook, false)),
    ];
    if (selected.length > 0) return taken;
    const decisions = decide({
      episode,
      selection,
      resolutions: new Map(),
      policy,
      openBreakers: new Set(),
      nowMs,
    });
    return [
      ...taken,
      ...decisions.flatMap((decision) =>
        decision.kind === 'escalate'
          ? [said(null, false, 'escalated', decision.reason, decision.detail)]
          : [],
      ),
    ];
  }

  function forecast(playbook: Playbook, shadow: boolean): Forecast {
    const { name, ignore, summary } = playbook;
    if (ignore) return said(name, shadow, 'ignored', 'ignored', summary);
    try {
      const steps = stepsOf(playbook, input);
      return { ...said(name, shadow, 'unknown', 'matched', unknown), steps };
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      return said(name, shadow, 'escalated', 'expression_failed', error.message);
    }
  }
}

function stepsOf({ steps }: Playbook, input: ExpressionInput): Forecast['steps'] {
  return steps.map((step) => ({
    action: step.action.name,
    params: evaluateStep(step, input),
    target: null,
    unit: '',
    from: null,
    operations: [],
    detail: '',
  }));
}

function said(
  playbook: string | null,
  shadow: boolean,
  fate: Forecast['fate'],
  reason: Forecast['reason'],
  detail: string,
): Forecast {
  const nothing = { againAtMs: null, runId: null, heldBy: [], steps: [] };
  return { playbook, shadow, fate, reason, detail, ...nothing };
}
