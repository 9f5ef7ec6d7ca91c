import { applied, converged, end, intend } from '../dist/engine/run/transitions.js';
import { draftReport, draftUnmatched, subjectOf } from '../dist/escalation/draft.js';
import { close } from '../dist/ledger/episode.js';
import { createRun } from '../dist/ledger/run.js';

/*
 * A made-up past of a ledger, for measurements: alerts of the last 29 days, each with its run or its
 * question, saved as the engine saves them.
 */

const spanMs = 29 * 24 * 3_600_000;
const atOnce = 200;
/** Fills a ledger with a past; gives back the ids of the latest of each kind of record. */
export async function fillLedger({ ledger, playbooks, alerts, nowMs }) {
  const latest = {
    episode: '',
    run: '',
    escalation: '',
  };
  for (let start = 0; start < alerts; start += atOnce) {
    const commits = [];
    for (let index = start; index < Math.min(start + atOnce, alerts); index += 1) {
      const atMs = Math.round(nowMs - spanMs + (index / alerts) * (spanMs - 3_600_000));
      const playbook = playbooks[index % playbooks.length];
      const story =
        index % 10 === 9
          ? handedOver(ledger, index, atMs)
          : remedied(ledger, playbook, index, atMs);
      for (const [name, id] of Object.entries(story.ids)) latest[name] = id;
      commits.push(...story.saves.map((saves) => save(ledger, saves)));
    }
    await Promise.all(commits);
  }
  return latest;
}
/** An alert that no playbook took. */
function handedOver(ledger, index, atMs) {
  const open = openEpisode(
    {
      alertname: `Odd${index % 50}`,
      service: `service-${index % 300}`,
    },
    index,
    atMs,
  );
  const to = {
    id: `e${index}`,
    channel: undefined,
    expiresAtMs: null,
    nowMs: atMs,
  };
  const question = {
    ...draftUnmatched(open, 'no_match', 'no playbook takes this alert', null, to),
    subject: subjectOf(open, 'no_match', null),
  };
  const episode = {
    ...open,
    cases: [question.caseId],
    verdicts: [
      {
        playbook: null,
        fate: 'escalated',
        reason: 'no_match',
        detail: '',
        atMs,
        escalationId: question.id,
      },
    ],
  };
  const withdrawn = {
    ...question,
    state: 'withdrawn',
    endedAtMs: atMs + 600_000,
  };
  return {
    ids: {
      episode: episode.id,
      escalation: question.id,
    },
    saves: [
      [
        ledger.saveEpisode(null, episode),
        ledger.saveEscalation(null, question, null),
        joined(ledger, question.caseId, episode.identity),
      ],
      [
        ledger.saveEpisode(
          {
            rev: 1,
            value: episode,
          },
          close(episode, atMs + 600_000),
        ),
        ledger.saveEscalation(
          {
            rev: 1,
            value: question,
          },
          withdrawn,
          null,
        ),
      ],
    ],
  };
}
/** An alert that a playbook took; one in twelve in vain. */
function remedied(ledger, playbook, index, atMs) {
  const service = `service-${index % 300}`;
  const labels = {
    alertname: `Slow${index % 40}`,
    service,
    severity: 'warning',
    job: service,
  };
  const run = newRun(playbook, `r${index}`, labels, atMs);
  const open = openEpisode(labels, index, atMs);
  const verdict = {
    playbook: playbook.name,
    fate: 'run',
    reason: 'matched',
    detail: `run ${run.id}`,
    atMs,
    runId: run.id,
  };
  const episode = {
    ...open,
    cases: [run.caseId],
    spent: [playbook.name],
    verdicts: [verdict],
  };
  const target = run.steps[0]?.target ?? {
    id: service,
    name: service,
  };
  const change = {
    kind: 'change',
    target,
    op: { kind: 'resize', from: 2, to: 3, unit: 'replicas' },
    version: '7',
  };
  const changed = converged(
    applied(intend(run, change, false, atMs, 45_000), atMs + 1_000, 60_000),
    '3 of 3 run',
    atMs + 20_000,
  );
  const overMs = atMs + 60_000 + (index % 7) * 60_000;
  const isVain = index % 12 === 0;
  const ended = end(
    changed,
    isVain
      ? {
          kind: 'failed',
          reason: 'exhausted',
          detail: '',
        }
      : {
          kind: 'done',
          reason: 'resolved',
          detail: '',
        },
    overMs,
  );
  const to = {
    id: `e${index}`,
    channel: undefined,
    expiresAtMs: null,
    nowMs: overMs,
  };
  const report = draftReport(ended, 'exhausted', '', to);
  return {
    ids: {
      episode: episode.id,
      run: run.id,
    },
    saves: [
      [
        ledger.saveEpisode(null, episode),
        ledger.saveRun(null, run),
        joined(ledger, run.caseId, episode.identity),
      ],
      [
        ledger.saveRun(
          {
            rev: 1,
            value: run,
          },
          ended,
        ),
        ...(isVain ? [ledger.saveEscalation(null, report, null)] : []),
      ],
      [
        ledger.saveEpisode(
          {
            rev: 1,
            value: episode,
          },
          close(episode, overMs + 1_000),
        ),
      ],
    ],
  };
}
function openEpisode(labels, index, atMs) {
  const identity = `filled${index.toString(16).padStart(26, '0')}`;
  const annotations = {
    summary: 'It has been slow for five minutes.',
    runbook_url: 'https://runbooks.example/slow',
  };
  return {
    id: `${identity}-1`,
    identity,
    state: 'open',
    source: 'alertmanager',
    labels: {
      ...labels,
      instance: `10.0.${index % 250}.${index % 199}:8080`,
    },
    annotations,
    generatorUrl: 'http://prometheus.example/graph?g0.expr=slow',
    groupKey: `{}:{alertname="${labels.alertname}"}`,
    externalUrl: 'http://alertmanager.example',
    members: { [identity.slice(0, 16)]: atMs },
    openedAtMs: atMs,
    lastSeenAtMs: atMs,
    closedAtMs: null,
    endsAtMs: null,
    ended: {},
    deliveries: 3,
    verdicts: [],
    misses: [],
    cases: [],
    spent: [],
  };
}
function newRun({ name, hash, guards }, id, labels, nowMs) {
  const target = {
    id: `swarm.service/${labels.service}`,
    name: labels.service ?? '',
  };
  const step = {
    action: 'swarm.scale',
    params: {
      service: labels.service,
      by: 1,
    },
    target,
    settleMs: 120_000,
    repeat: 1,
    undo: false,
  };
  return createRun({
    id,
    caseId: id,
    origin: {
      kind: 'playbook',
      playbook: name,
      hash,
    },
    labels,
    steps: [step],
    cooldownMs: guards.cooldownMs,
    limits: guards.limits,
    channel: undefined,
    verifiable: true,
    escalationId: null,
    state: 'planning',
    nowMs,
  });
}
function joined(ledger, caseId, identity) {
  const [first, ...rest] = ledger.joinCase(caseId, identity);
  const check = {
    kind: 'set_empty',
    key: ledger.keys.caseOpen(caseId),
  };
  return {
    check,
    writes: [first, ...rest],
  };
}
async function save(ledger, saves) {
  const checks = saves.map(({ check }) => check);
  const writes = saves.flatMap(({ writes }) => writes);
  const { kind } = await ledger.commit({
    checks,
    writes,
    nowMs: 0,
  });
  if (kind !== 'committed') throw new Error('what is made up does not go together');
}
