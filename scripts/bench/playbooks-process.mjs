// The process in which `playbooks.mjs` measures: node --expose-gc playbooks-process.mjs FOLDER COUNT

import { packTexts, unpackTexts } from '../../dist/engine/playbook-set/codec.js';
import { createPlaybookChecker } from '../../dist/engine/playbook-set/playbook-checker.js';
import { createReloader } from '../../dist/engine/playbook-set/reload.js';
import { createOfflineRegistry } from '../../dist/integrations/offline-registry.js';
import { createMetrics } from '../../dist/lib/metrics.js';
import { parsePlaybookTexts } from '../../dist/playbook/load.js';
import { readPlaybooks } from '../../dist/playbook/read.js';
import { selectPlaybooks } from '../../dist/playbook/select.js';
import { findWarnings } from '../../dist/playbook/warn/warnings.js';
import { alertFor } from './playbook-set.mjs';

const [folder, count] = [process.argv[2], Number(process.argv[3])];
const alerts = 20_000;
const passes = 3;
const mebibyte = 2 ** 20;

const actions = createOfflineRegistry();
const check = createPlaybookChecker(actions);
const emptyBytes = heapBytes();
const load = await timed(async () => {
  const { texts, problems } = await readPlaybooks(folder);
  return good(await check(texts, problems));
});
const { set } = load;
const heap = (heapBytes() - emptyBytes) / mebibyte;
const { library, texts } = set;

let folderHolds = texts;
let packed = await packTexts(texts);
const reloader = createReloader({
  own: set,
  check,
  read: async () => ({ texts: folderHolds, problems: [] }),
  publish: async (changed) => {
    packed = await packTexts(changed.texts);
  },
  clock: { now: () => Date.now() },
  metrics: createMetrics(),
  log: { info() {}, error() {} },
});
const one = await timed(() => reload(changedFrom(1)));
const all = await timed(() => reload(changedFrom(count)));
const warnings = await timed(async () => {
  const { parsed, policy } = parsePlaybookTexts(texts, actions);
  return { count: findWarnings({ parsed, policy }).length };
});

process.send([
  { what: 'loading from the folder', unit: 'ms', ours: load.ms, target: 3_000 },
  { what: 'longest stall of a reload, one changed', unit: 'ms', ours: one.stallMs, target: 50 },
  { what: 'longest stall of a reload, all changed', unit: 'ms', ours: all.stallMs, target: 50 },
  { what: 'what jidoka check takes', unit: 'ms', ours: warnings.ms },
  { what: 'memory of an event loop', unit: 'MiB', ours: heap },
  { what: 'the published set in Redis', unit: 'KiB', ours: packed.length / 1_024 },
  alertFigure('an alert that one takes', (index) => alertFor((index * 7 + 1) % count)),
  alertFigure('an alert whose name a tenth of them share', (index) =>
    alertFor((index * 10 + 1) % count),
  ),
  alertFigure('an alert that none takes and none comes near', (index) => ({
    alertname: `Other${index % 100}`,
    service: `nobody_${index}`,
    severity: 'page',
  })),
  alertFigure('an alert that none takes, with its near misses', (index) => ({
    ...alertFor((index * 7 + 1) % count),
    alertname: 'Other',
  })),
]);
process.disconnect();

/** What the receiver and the acting half do when their playbooks have changed, one after the other. */
async function reload(changed) {
  folderHolds = changed;
  const { kind } = await reloader.reload('SIGHUP');
  if (kind !== 'activated') throw new Error(`the changed playbooks were ${kind}`);
  return good(await check(await unpackTexts(packed)));
}

function changedFrom(howMany) {
  return {
    ...texts,
    files: texts.files.map((each, index) =>
      index < howMany
        ? { ...each, text: Buffer.from(`${each.text}# ${howMany}\n`).toString() }
        : each,
    ),
  };
}

function alertFigure(what, labelsOf) {
  const inputs = Array.from({ length: alerts }, (_, index) => ({
    labels: labelsOf(index),
    annotations: {},
    worker_asg: '',
  }));
  let leastMs = Number.POSITIVE_INFINITY;
  for (let pass = 0; pass <= passes; pass += 1) {
    const beganMs = performance.now();
    for (const input of inputs) {
      const selection = selectPlaybooks(library, input);
      if (selection.selected.length === 0) selection.considered();
    }
    // the first warms up
    if (pass > 0) leastMs = Math.min(leastMs, performance.now() - beganMs);
  }
  return { what, unit: 'µs', ours: (leastMs * 1_000) / alerts, target: 10 };
}

function good(checked) {
  if (checked.kind === 'good') return checked;
  throw new Error(`the playbooks are at fault: ${checked.problems[0]}`);
}

function heapBytes() {
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** How long a task takes, and for how long at a time nothing else could be done. */
async function timed(task) {
  let lastMs = performance.now();
  let stallMs = 0;
  const look = () => {
    const nowMs = performance.now();
    stallMs = Math.max(stallMs, nowMs - lastMs);
    lastMs = nowMs;
    looking = setImmediate(look);
  };
  let looking = setImmediate(look);
  const beganMs = performance.now();
  const value = await task();
  const ms = performance.now() - beganMs;
  stallMs = Math.max(stallMs, performance.now() - lastMs);
  clearImmediate(looking);
  return { ...value, ms, stallMs };
}
