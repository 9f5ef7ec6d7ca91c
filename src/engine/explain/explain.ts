import type { GivenAlert } from '../../alertmanager/given-alerts.js';
import { identityIn } from '../../alertmanager/identity.js';
import { type Source, sources } from '../../alertmanager/source.js';
import type { Episode } from '../../ledger/episode.js';
import type { StoredEpisode } from '../../ledger/record-reads.js';
import type { Selection } from '../../playbook/select.js';
import type { EngineContext } from '../context/context.js';
import { builtInDecision } from '../decision/built-in-decision.js';
import { decideShadow } from '../decision/decide.js';
import { isFinal } from '../decision/dispositions.js';
import { choose, evaluate, meetRequirements } from '../decision/evaluate.js';
import {
  createTargetReader,
  type Resolution,
  resolve,
  type TargetReader,
} from '../reading/resolve.js';
import { deliver, readEpisodeNow } from './episode-now.js';
import type { Explanation, Forecast, Own } from './explanation.js';
import { createForecaster } from './forecast.js';
import {
  type AskedAlert,
  asAsked,
  checkQuestion,
  type Question,
  shownPlaybooks,
} from './question.js';

/**
 * Explains alerts, each as if it came now and alone: with the functions that decide for real, on the
 * targets and the ledger as they are, and changes nothing.
 *
 * @throws InputError for a question that cannot be answered, and what Redis throws.
 */
export async function explainAlerts(
  context: EngineContext,
  question: Question,
): Promise<readonly Explanation[]> {
  checkQuestion(context.active().library, question);
  const reader = createTargetReader(context.actions);
  const explanations: Explanation[] = [];
  for (const alert of question.alerts) {
    const asked = asAsked(context.active().library, alert, question);
    explanations.push(await explainOne(context, asked, question, reader));
  }
  return explanations;
}

async function explainOne(
  context: EngineContext,
  alert: AskedAlert,
  question: Question,
  reader: TargetReader,
): Promise<Explanation> {
  const { library, policy, hash } = context.active();
  const nowMs = context.clock.now();
  const ignored = new Set(policy.ignoredLabels);
  const { source, identity, stored } = await find(context, alert, ignored);
  const routeLabels = alert.routeLabels ?? stored?.value.routeLabels;
  const asked = { ...alert, source, routeLabels };
  const { episode, delivery } = deliver(context, stored, asked, identity, nowMs);
  const muted = stored?.muted === true && stored.value.state === 'open';
  const own = builtInDecision({ rev: 0, value: episode, muted }, policy, nowMs) as Own | null;
  const matching = choose(context, episode);
  const chosen =
    own?.fate === 'ignored'
      ? matching
      : await meetRequirements(context, episode, matching, { reader, busy: new Map() });
  const { selection, input } = chosen;
  return {
    labels: alert.labels,
    annotations: alert.annotations,
    status: alert.status,
    source,
    atMs: nowMs,
    setHash: hash,
    live: true,
    own: own && { fate: own.fate, reason: own.reason, detail: own.detail },
    forecasts: own?.fate === 'ignored' ? [] : await forecastAll(),
    ...shownPlaybooks(library, selection, input, question),
    episode: stored === null ? null : await readEpisodeNow(context, stored, delivery),
  };

  async function forecastAll(): Promise<Forecast[]> {
    const circumstances = { reader, busy: new Map(), nowMs };
    const { decisions, resolutions } = await evaluate(context, episode, chosen, circumstances);
    const forecast = createForecaster(context, episode, nowMs);
    const forecasts: Forecast[] = [];
    for (const shadow of selection.shadows) forecasts.push(await forecastShadow(shadow, forecast));
    for (const { name } of selection.selected) {
      if (isFinal(episode, name)) forecasts.push(decided(episode, name));
    }
    for (const decision of decisions) {
      if (decision.kind === 'shadow') continue;
      const name = decision.playbook?.name ?? null;
      if (isFinal(episode, name)) forecasts.push(decided(episode, name));
      else forecasts.push(withHold(episode, await forecast(decision, resolutions.get(name ?? ''))));
    }
    return forecasts;
  }

  /** What a playbook in shadow would do if it were in `mode: auto`. */
  async function forecastShadow(
    shadow: Selection['shadows'][number],
    forecast: ReturnType<typeof createForecaster>,
  ): Promise<Forecast> {
    const resolutions = new Map<string, Resolution>();
    if (!shadow.ignore) {
      const { bounds } = policy;
      const { startedAtMs } = chosen;
      resolutions.set(shadow.name, await resolve(shadow, input, reader, { bounds, startedAtMs }));
    }
    const known = { episode, resolutions, policy, openBreakers: new Set<string>(), nowMs };
    const { would } = decideShadow(shadow, known);
    if (would === null) throw new Error(`no decision for ${shadow.name}`);
    return forecast(would, resolutions.get(shadow.name), true);
  }
}

/** The source of an alert, and its episode: where no one says the source, the first of which there is one. */
async function find(
  { ledger }: EngineContext,
  { source, labels }: GivenAlert,
  ignored: ReadonlySet<string>,
): Promise<{
  readonly source: Source;
  readonly identity: string;
  readonly stored: StoredEpisode | null;
}> {
  const asked = source === undefined ? sources : [source];
  const known = asked.map((each) => ({
    source: each,
    identity: identityIn(each, labels, ignored),
  }));
  const stored = await ledger.episodes(known.map(({ identity }) => identity));
  const found = known.map((each, index) => ({ ...each, stored: stored[index] ?? null }));
  const [first] = found;
  if (first === undefined) throw new Error('there are no sources');
  return found.find((each) => each.stored !== null) ?? first;
}

/** What is decided is not decided again while the episode is open. */
function decided(episode: Episode, playbook: string | null): Forecast {
  const disposition = episode.verdicts.find((known) => known.playbook === playbook);
  return {
    playbook,
    shadow: false,
    fate: 'decided',
    reason: disposition?.reason ?? 'already_run',
    detail: disposition?.detail ?? '',
    againAtMs: null,
    runId: disposition?.runId ?? null,
    heldBy: [],
    steps: [],
  };
}

/** A hold that is recorded is looked at again at its time, even where nothing is in the way any more. */
function withHold({ verdicts }: Episode, forecast: Forecast): Forecast {
  const known = verdicts.find(
    ({ playbook, fate }) => playbook === forecast.playbook && fate === 'held',
  );
  if (known?.untilMs === undefined || forecast.fate === 'held') return forecast;
  return { ...forecast, againAtMs: known.untilMs };
}
