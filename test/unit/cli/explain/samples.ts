import type { ShownExplanation } from '../../../../src/api/explain-schema.js';
import type { Compared, Forecast } from '../../../../src/cli/explain/answer.js';
import { describeOperation } from '../../../../src/integrations/operations.js';

export const nowMs = Date.parse('2026-01-31T08:00:00Z');

/** A playbook that misses an alert by one label. */
export const missing: Compared = {
  playbook: 'scale-up',
  file: 'scale-up.yaml',
  mode: 'auto',
  continue: false,
  ignore: false,
  standing: 'misses',
  after: null,
  missed: 1,
  shared: 1,
  clauses: [
    { clause: 'service!=""', expected: 'any value', actual: '"web"', outcome: 'met' },
    { clause: 'scale="up"', expected: '"up"', actual: 'missing', outcome: 'missed' },
  ],
};

/** The same where it takes the alert. */
export const taking: Compared = { ...missing, standing: 'takes', missed: 0, clauses: [] };

/** One change of the size of web. */
const resized = (from: number, to: number) => {
  const op = { kind: 'resize', from, to, unit: 'replicas' };
  return { ...op, text: describeOperation(op, 'web') };
};

/** A run that would begin. */
export const running: Forecast = {
  playbook: 'scale-up',
  shadow: false,
  fate: 'run',
  reason: 'matched',
  reason_text: 'a playbook matches this alert',
  detail: '',
  again_at_ms: null,
  run_id: null,
  held_by: [],
  steps: [
    {
      action: 'swarm.scale',
      params: {},
      target: 'web',
      unit: 'replicas',
      from: 3,
      operations: [resized(3, 4), resized(4, 5)],
      detail: '',
    },
  ],
};

/** What is in the way of it. */
export function inTheWay(
  reason: Forecast['reason'],
  lifts_at_ms: number | null,
): Forecast['held_by'][number] {
  return { reason, reason_text: reason, detail: `${reason} in detail`, lifts_at_ms };
}

/** What has become of the alert so far: a run is in its midst. */
export const episode: NonNullable<ShownExplanation['episode']> = {
  id: 'f00d-1',
  state: 'open',
  delivery: 'repeated',
  opened_at_ms: nowMs - 180_000,
  last_seen_at_ms: nowMs,
  closed_at_ms: null,
  deliveries: 2,
  muted: true,
  verdicts: [],
  runs: [
    {
      id: 'r1',
      by: 'scale-up',
      state: 'settling',
      changes: [{ target: 'web', op: resized(3, 4), text: resized(3, 4).text, at_ms: nowMs }],
      waiting: null,
      outcome: null,
    },
  ],
  escalations: [],
};

export function explanation(fields: Partial<ShownExplanation> = {}): ShownExplanation {
  return {
    labels: { alertname: 'Slow', service: 'web' },
    annotations: {},
    status: 'firing',
    source: 'alertmanager',
    at_ms: nowMs,
    set_hash: 'hash',
    live: true,
    own: null,
    forecasts: [running],
    playbooks: [taking],
    total: 1,
    episode: null,
    ...fields,
  };
}
