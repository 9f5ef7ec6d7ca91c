import { expect, test } from 'vitest';
import { defaultPolicy, parsePolicy } from '../../../src/playbook/policy.js';
import { formatProblem } from '../../../src/playbook/problem.js';

function problemsOf(text: string): string[] {
  const { policy, problems } = parsePolicy('policy.yaml', text);
  expect(policy).toBeUndefined();
  return problems.map(formatProblem);
}

test('without a policy no bounds are given and a person is told after a quarter of an hour', () => {
  expect(defaultPolicy).toEqual({
    ignoredLabels: ['replica', 'prometheus_replica'],
    severity: { label: 'severity', order: ['critical', 'error', 'warning', 'info'] },
    alertmanager: {
      sendResolved: true,
      closeAfterMs: 900_000,
      staleAfterMs: 12 * 3_600_000,
      groupWaitMs: 30_000,
      postResults: false,
    },
    bounds: { min: undefined, max: undefined },
    limits: {
      fleet: [{ count: 20, windowMs: 3_600_000, text: '20 per 1h' }],
      playbook: [{ count: 10, windowMs: 3_600_000, text: '10 per 1h' }],
      target: [{ count: 10, windowMs: 3_600_000, text: '10 per 1h' }],
    },
    windows: [],
    blastRadius: { targets: { count: 10, windowMs: 600_000, text: '10 per 10m' }, share: null },
    http: { hosts: [] },
    jobs: { mounts: [] },
    breaker: { failures: 3 },
    escalate: { channel: undefined, afterMs: 900_000, tiers: [] },
    notify: { alertmanager: 'fallback' },
    approvalExpiresMs: 3_600_000,
    watchdog: undefined,
    audit: { keepMs: 90 * 24 * 3_600_000 },
    report: { minutesPerAlert: 15 },
    restore: { observeMs: 1_800_000 },
    evidence: { logs: false },
    history: { keepMs: 30 * 24 * 3_600_000 },
  });
});

test.each(['', '# nothing\n', '{}\n'])('a policy that says nothing (%j) is the default', (text) => {
  expect(parsePolicy('policy.yaml', text)).toMatchObject({ policy: defaultPolicy, problems: [] });
});

test('a policy is read with all that it says', () => {
  const text = `
ignored_labels: []
severity: { label: priority, order: [p1, p2] }
alertmanager: { send_resolved: false, close_after: 1h, stale_after: 1d, group_wait: 1m }
bounds: { min: 1, max: 5 }
limits: { fleet: [10 per 10m, 100 per 1d], playbook: [], target: [2 per 1h] }
windows: [{ name: night, playbooks: [p], time_intervals: [{ months: [may] }] }]
blast_radius: { targets: 4 per 30m, share: 12.5% }
breaker: { failures: 1 }
escalate: { channel: "#ops", after: 5m, then: [{ after: 10m, mention: [S0123ABC] }] }
approval_expires: 30m
watchdog: { match: [alertname = Watchdog, severity = none], after: 5m }
audit: { keep: 30d }
history: { keep: 7d }
report: { minutes_per_alert: 20 }
`;
  expect(parsePolicy('policy.yaml', text)).toMatchObject({
    policy: {
      ignoredLabels: [],
      severity: { label: 'priority', order: ['p1', 'p2'] },
      alertmanager: {
        sendResolved: false,
        closeAfterMs: 3_600_000,
        staleAfterMs: 86_400_000,
        groupWaitMs: 60_000,
      },
      bounds: { min: 1, max: 5 },
      limits: {
        fleet: [
          { count: 10, windowMs: 600_000, text: '10 per 10m' },
          { count: 100, windowMs: 86_400_000, text: '100 per 1d' },
        ],
        playbook: [],
        target: [{ count: 2, windowMs: 3_600_000, text: '2 per 1h' }],
      },
      windows: [
        {
          name: 'night',
          playbooks: ['p'],
          intervals: [{ months: [{ from: 5, to: 5 }], location: 'UTC' }],
        },
      ],
      blastRadius: { targets: { count: 4, windowMs: 1_800_000, text: '4 per 30m' }, share: 0.125 },
      breaker: { failures: 1 },
      escalate: {
        channel: '#ops',
        afterMs: 300_000,
        tiers: [{ afterMs: 600_000, channel: undefined, mention: ['S0123ABC'] }],
      },
      approvalExpiresMs: 1_800_000,
      watchdog: {
        match: [
          expect.objectContaining({ name: 'alertname', op: '=', value: 'Watchdog' }),
          expect.objectContaining({ name: 'severity', op: '=', value: 'none' }),
        ],
        afterMs: 300_000,
      },
      audit: { keepMs: 30 * 24 * 3_600_000 },
      report: { minutesPerAlert: 20 },
      history: { keepMs: 7 * 24 * 3_600_000 },
    },
    problems: [],
  });
});

test('every fault of a policy is named with its place', () => {
  const text = `ignored_label: [a]
alertmanager: { send_resolved: never }
bounds: { min: 5, max: 1 }
limits: { fleet: [ten] }
blast_radius: { share: half }
breaker: { failures: 0 }
escalate: { after: 5 minutes }
`;
  expect(problemsOf(text)).toEqual([
    expect.stringMatching(/^policy.yaml:1:1: unknown key "ignored_label": .* "ignored_labels"\?$/),
    'policy.yaml:2:32: alertmanager.send_resolved: expected true or false, got "never"',
    'policy.yaml:3:9: bounds: expected min to be at most max',
    expect.stringMatching(/^policy.yaml:4:19: limits.fleet\[0\]: expected a limit such as/),
    expect.stringMatching(/^policy.yaml:5:24: blast_radius.share: expected a share such as/),
    'policy.yaml:6:22: breaker.failures: expected a number of at least 1, got 0',
    expect.stringMatching(/^policy.yaml:7:20: escalate.after: expected a duration such as/),
  ]);
});

test('a policy is one document, with each key once', () => {
  expect(problemsOf('bounds: {}\nbounds: {}\n')).toEqual([
    'policy.yaml:2:1: the key bounds occurs twice',
  ]);
  expect(problemsOf('bounds: {}\n---\nlimits: {}\n')).toEqual([
    'policy.yaml:3:1: expected one YAML document, got a second one',
  ]);
});
