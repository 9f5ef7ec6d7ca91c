// Ten thousand playbooks: how long they take to load, how long the event loop stands still when one of
// them changes, and what one alert costs against them.
import { createOfflineRegistry } from '../../dist/action/offline-registry.js';
import { createPlaybookChecker } from '../../dist/engine/own-playbooks.js';
import { selectPlaybooks } from '../../dist/playbook/select.js';

const policy = { file: 'policy.yaml', text: '' };
const alerts = 20_000;

export async function measurePlaybooks({ count, record }) {
  const check = createPlaybookChecker(createOfflineRegistry());
  const files = Array.from({ length: count }, (_, index) => fileOf(index));
  const load = await timed(() => check({ files, policy }));
  const changed = [{ ...files[0], text: `${files[0].text}# changed\n` }, ...files.slice(1)];
  const reload = await timed(() => check({ files: changed, policy }));
  if (load.value.kind !== 'good' || reload.value.kind !== 'good')
    throw new Error('the playbooks are at fault');
  const name = `${count} playbooks`;
  record({
    what: `${name}: loading`,
    unit: 'ms',
    ours: load.ms,
    mark: 3_000,
    of: 'the target',
    atMost: 1,
  });
  record({
    what: `${name}: longest stall of a reload`,
    unit: 'ms',
    ours: reload.stallMs,
    mark: 50,
    of: 'the target',
    atMost: 1,
  });

  const { library } = load.value.set;
  for (const [what, labels] of [
    ['an alert that one takes', { alertname: 'Slow', service: 'shop_api_77', severity: 'warning' }],
    ['an alert that none takes', { alertname: 'Other', service: 'none', severity: 'warning' }],
  ]) {
    const input = { labels, annotations: {}, worker_asg: '' };
    for (let index = 0; index < alerts; index += 1) selectPlaybooks(library, input);
    const beganMs = performance.now();
    for (let index = 0; index < alerts; index += 1) selectPlaybooks(library, input);
    const us = ((performance.now() - beganMs) * 1_000) / alerts;
    record({
      what: `${name}: ${what}`,
      unit: 'µs',
      ours: us,
      mark: 10,
      of: 'the target',
      atMost: 1,
    });
  }
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
  return { value, ms, stallMs };
}

/** One playbook in a hundred asks for no certain service. */
function fileOf(index) {
  const service = index % 100 === 0 ? `=~ "shop_(api|web)_${index}"` : `= "shop_api_${index}"`;
  const text = `name: scale-service-${index}
summary: Adds replicas to service ${index} while it answers too slowly.
match:
  - alertname = "Slow"
  - service ${service}
  - severity =~ "warning|critical"
mode: auto
steps:
  - swarm.scale: { service: "\${{ labels.service }}", by: 1, max: 8 }
    settle: 2m
    repeat: 3
guards: { cooldown: 10m, limits: [3 per 1h, 7 per 1d] }
escalate: { channel: "#payments", after: 15m }
`;
  return { file: `${String(index).padStart(6, '0')}.yaml`, text };
}
