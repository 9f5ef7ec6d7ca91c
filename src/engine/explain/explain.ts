import type { Alert } from '../../alert/alert.js';
import { identityOf } from '../../alert/identity.js';
import type { Episode } from '../../ledger/episode.js';
import type { Selection } from '../../playbook/select.js';
import { decideShadow } from '../decide.js';
import { ownVerdict } from '../own-verdict.js';
import type { EngineParts } from '../parts.js';
import { createTargetReader, type Resolution, resolve, type TargetReader } from '../resolve.js';
import { choose, rule } from '../rule.js';
import { isFinal } from '../verdicts.js';
import { deliver, readEpisodeNow } from './episode-now.js';
import type { Explanation, Forecast, Own } from './explanation.js';
import { createForecaster } from './forecast.js';
import { checkQuestion, type Question, shownPlaybooks } from './question.js';

/**
 * Explains alerts, each as if it came now and alone: with the functions that decide in earnest, on the
 * targets and the ledger as they are, and changes nothing.
 *
 * @throws InputError for a question that cannot be answered, and what Redis throws.
 */
export async function explainAlerts(
  parts: EngineParts,
  question: Question,
): Promise<readonly Explanation[]> {
  checkQuestion(parts.active().library, question);
  const observe = createTargetReader(parts.actions);
  const explanations: Explanation[] = [];
  for (const alert of question.alerts) {
    explanations.push(await explainOne(parts, alert, question, observe));
  }
  return explanations;
}

async function explainOne(
  parts: EngineParts,
  alert: Alert,
  question: Question,
  observe: TargetReader,
): Promise<Explanation> {
  const { library, policy, hash } = parts.active();
  const nowMs = parts.clock.now();
  const identity = identityOf(alert.labels, new Set(policy.ignoredLabels));
  const [stored = null] = await parts.ledger.episodes([identity]);
  const { episode, delivery } = deliver(parts, stored, alert, identity, nowMs);
  const muted = stored?.muted === true && stored.value.state === 'open';
  const own = ownVerdict({ rev: 0, value: episode, muted }, policy, nowMs) as Own | null;
  const chosen = choose(parts, episode);
  const { selection, input } = chosen;
  return {
    labels: alert.labels,
    annotations: alert.annotations,
    status: alert.status,
    atMs: nowMs,
    setHash: hash,
    live: true,
    own: own && { fate: own.fate, reason: own.reason, detail: own.detail },
    forecasts: own?.fate === 'ignored' ? [] : await forecastAll(),
    ...shownPlaybooks(library, selection, input, question),
    episode: stored === null ? null : await readEpisodeNow(parts, stored, delivery),
  };

  async function forecastAll(): Promise<Forecast[]> {
    const circumstances = { observe, busy: new Map(), nowMs };
    const { rulings, resolutions } = await rule(parts, episode, chosen, circumstances);
    const forecast = createForecaster(parts, episode, nowMs);
    const forecasts: Forecast[] = [];
    for (const shadow of selection.shadows) forecasts.push(await forecastShadow(shadow, forecast));
    for (const { name } of selection.selected) {
      if (isFinal(episode, name)) forecasts.push(decided(episode, name));
    }
    for (const ruling of rulings) {
      if (ruling.kind === 'shadow') continue;
      const name = ruling.playbook?.name ?? null;
      if (isFinal(episode, name)) forecasts.push(decided(episode, name));
      else forecasts.push(withHold(episode, await forecast(ruling, resolutions.get(name ?? ''))));
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
      resolutions.set(shadow.name, await resolve(shadow, input, observe, policy.bounds));
    }
    const known = { episode, resolutions, policy, openBreakers: new Set<string>(), nowMs };
    const { would } = decideShadow(shadow, known);
    if (would === null) throw new Error(`nothing was decided for ${shadow.name}`);
    return forecast(would, resolutions.get(shadow.name), true);
  }
}

/** What is decided is not decided again while the episode is open. */
function decided(episode: Episode, playbook: string | null): Forecast {
  const verdict = episode.verdicts.find((known) => known.playbook === playbook);
  return {
    playbook,
    shadow: false,
    fate: 'decided',
    reason: verdict?.reason ?? 'already_run',
    detail: verdict?.detail ?? '',
    againAtMs: null,
    runId: verdict?.runId ?? null,
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
