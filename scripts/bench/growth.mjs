// How much room a past takes: the ledger after a million alerts of the last 29 days, written as the engine
// writes them, key family by key family. One in a hundred is still open. Of ten alerts nine are known ones
// that a playbook ignores; most of the others have a run, and some a person had to look at.
import { identityOf } from '../../dist/alertmanager/identity.js';
import { parseAlert } from '../../dist/alertmanager/payload.js';
import { auditKeys } from '../../dist/audit/key.js';
import { createAuditSealer } from '../../dist/audit/sealer.js';
import { applyAlert } from '../../dist/engine/episode/apply-alert.js';
import { toHistoryLine } from '../../dist/engine/reports/history-line.js';
import { createHistory } from '../../dist/ledger/history.js';
import { createLedger } from '../../dist/ledger/ledger.js';
import { fillLedger } from '../fill-ledger.mjs';
import { alert, startRedis } from './common.mjs';
import { sizesOf } from './sizes.mjs';

const cell = 'bench';
const spanMs = 29 * 24 * 3_600_000;
/** So many alerts are the same one, firing anew. */
const timesEach = 4;
const atOnce = 200;
const perNotification = 10;
const runEvents = ['created', 'planning', 'applying', 'converging', 'settling', 'ended', 'closed'];
const quarterMs = 15 * 60_000;

export async function measureGrowth({ past, record, note }) {
  const redis = await startRedis();
  try {
    const { client } = redis;
    // what is asked is room in memory, and it would wait for the disk a million times
    await client.config('SET', 'appendonly', 'no');
    const ledger = createLedger({ redis: client, cell });
    const nowMs = Date.now();
    const known = Math.round(past * 0.9);
    await fillWithKnown(ledger, known, nowMs);
    const playbooks = Array.from({ length: 20 }, (_, index) => ({
      name: `scale-${index}`,
      hash: 'b1946ac92492d2347c6235b4d2611184',
      guards: { cooldownMs: 600_000, limits: [] },
    }));
    const remedied = past - known;
    await fillLedger({ ledger: writingOnly(ledger), playbooks, alerts: remedied, nowMs });
    await trailOf(ledger, remedied, nowMs);
    await fillHistory(client, ledger, past, nowMs);
    const { sealing: key, find } = auditKeys(['a key that is only used here, and a long one']);
    await createAuditSealer({ ledger, key, find }).sealNew(nowMs);

    const { families, otherBytes } = await sizesOf(client, `{${cell}}:ledger:`);
    const shown = past.toLocaleString('en-US');
    const total = families.reduce((sum, { bytes }) => sum + bytes, otherBytes);
    const row = (what, bytes) => record({ what, unit: 'MiB', ours: bytes / 2 ** 20 });
    row(`after ${shown} alerts: all of Redis`, total);
    for (const { name, keys, bytes } of families.filter(({ bytes }) => bytes >= total / 200)) {
      row(`${name} (${keys.toLocaleString('en-US')} ${keys === 1 ? 'key' : 'keys'})`, bytes);
    }
    row('tables of keys and of their ends', otherBytes);
    note(
      `${shown} alerts in 29 days; of ten, nine are ignored by a playbook and the others have a run or reach a person; one in a hundred is still open. What takes less than half a percent is left out.`,
    );
  } finally {
    await redis.stop();
  }
}

/** Known alerts: they open, are ignored and resolve, and all but the last hundredth are over. */
async function fillWithKnown(ledger, count, nowMs) {
  const identities = Math.ceil(count / timesEach);
  const open = Math.ceil(count / 100);
  for (let time = 0; time < timesEach; time += 1) {
    for (let first = 0; first < identities; first += atOnce) {
      const writes = [];
      for (let index = first; index < Math.min(first + atOnce, identities); index += 1) {
        const done = time * identities + index;
        if (done >= count) break;
        const atMs = Math.round(nowMs - spanMs + (done / count) * (spanMs - 3_600_000));
        writes.push(...storyOf(ledger, { index, time, atMs, isOver: done < count - open }));
      }
      if (writes.length > 0) await ledger.commit({ checks: [], writes, nowMs });
    }
  }
}

/** The writes of one alert from its first delivery to its end, the record written once. */
function storyOf(ledger, { index, time, atMs, isOver }) {
  const before = time === 0 ? null : ended(index, atMs - spanMs / timesEach, time);
  const opened = delivered(before?.value ?? null, index, atMs, 'firing');
  const verdict = ignoredAt(atMs);
  const decided = { ...opened, verdicts: [verdict] };
  const last = isOver ? delivered(decided, index, atMs + quarterMs, 'resolved') : decided;
  const { id } = opened;
  const said = (event, more) => ledger.audit({ atMs, subject: 'episode', id, event, ...more });
  return [
    ...ledger.saveEpisode(before, last).writes,
    said('opened'),
    said('ignored', { reason: 'ignored', detail: verdict.detail, playbook: verdict.playbook }),
    ...(isOver ? [said('resolved')] : []),
  ];
}

/** The same alert as it was before, made up anew rather than kept in memory. */
function ended(index, atMs, rev) {
  const opened = delivered(null, index, atMs, 'firing');
  const value = delivered(
    { ...opened, id: `${opened.identity}-${rev}` },
    index,
    atMs + quarterMs,
    'resolved',
  );
  const verdict = ignoredAt(atMs);
  return { rev, value: { ...value, verdicts: [verdict] } };
}

function ignoredAt(atMs) {
  const detail = 'known-noise ignores it';
  return { playbook: 'known-noise', fate: 'ignored', reason: 'ignored', detail, atMs };
}

function delivered(current, index, atMs, status) {
  const raw = alertOf(index, atMs, status);
  const one = parseAlert(raw, 'alerts[0]');
  const identity = identityOf(one.labels, new Set());
  const groupKey = '{}:{alertname="Known"}';
  const externalUrl = 'http://alertmanager.example.com';
  const delivery = { identity, source: 'alertmanager', groupKey, externalUrl };
  return applyAlert(current, one, { ...delivery, receivedAtMs: atMs, nowMs: atMs }).episode;
}

function alertOf(index, atMs, status) {
  const labels = { alertname: 'Known', service: `shop_${index}`, instance: `10.0.7.9:${index}` };
  const one = { ...alert(labels), status, startsAt: new Date(atMs).toISOString() };
  return status === 'firing' ? one : { ...one, endsAt: new Date(atMs + quarterMs).toISOString() };
}

/** Carries out what is written without asking whether it may be: what is made up goes together. */
function writingOnly(ledger) {
  let waiting = [];
  let sending;
  return {
    ...ledger,
    async commit({ writes, nowMs }) {
      waiting.push(...writes);
      sending ??= Promise.resolve().then(() => {
        const all = waiting;
        waiting = [];
        sending = undefined;
        return ledger.commit({ checks: [], writes: all, nowMs });
      });
      return sending;
    },
  };
}

/** What is on record of the runs. */
async function trailOf(ledger, count, nowMs) {
  for (let first = 0; first < count; first += atOnce) {
    const writes = [];
    for (let index = first; index < Math.min(first + atOnce, count); index += 1) {
      if (index % 10 === 9) continue;
      for (const event of runEvents) {
        const detail = 'shop_api: from 2 to 3 replicas, attempt 1 of 3';
        const playbook = `scale-${index % 20}`;
        writes.push(...ledger.auditRun({ atMs: nowMs, id: `r${index}`, event, detail, playbook }));
      }
    }
    if (writes.length > 0) await ledger.commit({ checks: [], writes, nowMs });
  }
}

/** What was received: each alert once as it fires and once as it resolves, ten in a notification. */
async function fillHistory(client, { keys }, past, nowMs) {
  const history = createHistory({ redis: client, keys });
  const notifications = Math.ceil(past / perNotification) * 2;
  for (let first = 0; first < notifications; first += atOnce) {
    const lines = [];
    for (let index = first; index < Math.min(first + atOnce, notifications); index += 1) {
      const atMs = Math.round(nowMs - spanMs + (index / notifications) * spanMs);
      const status = index % 2 === 0 ? 'firing' : 'resolved';
      const alerts = Array.from({ length: perNotification }, (_, place) =>
        alertOf((index >> 1) * perNotification + place, atMs, status),
      );
      const notification = {
        groupKey: '{}:{alertname="Known"}',
        receiver: 'jidoka',
        status,
        truncatedAlerts: 0,
        externalUrl: 'http://alertmanager.example.com',
        groupLabels: { alertname: 'Known' },
        commonLabels: { alertname: 'Known', severity: 'warning', job: 'shop' },
        commonAnnotations: {},
        alerts,
      };
      const received = { source: 'alertmanager', receivedAtMs: atMs, notification };
      lines.push(history.append(toHistoryLine(received, 'webhook')));
    }
    await Promise.all(lines);
    // it is packed for 4.5 s at a time, and then by whoever comes first
    await client.del(keys.historyPacker);
    await history.pack();
  }
}
