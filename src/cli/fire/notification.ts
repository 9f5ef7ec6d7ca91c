import { createHash } from 'node:crypto';
import type { Labels } from '../../alertmanager/alert.js';

/** What Alertmanager writes where there is no time. */
const noTime = '0001-01-01T00:00:00Z';

/** A made-up alert. */
export interface MadeUpAlert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly nowMs: number;
}

/**
 * What a made-up alert is known by: the same for the same labels, so that it can be resolved, and
 * unlike every fingerprint of Alertmanager, so that it never resolves a real one.
 */
export function fingerprintOf(labels: Labels): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
  return `fire-${hash.slice(0, 16)}`;
}

/** The body of a webhook, version 4, that holds one made-up alert in a group of its own. */
export function notificationOf({ status, labels, annotations, nowMs }: MadeUpAlert) {
  const now = new Date(nowMs).toISOString();
  const fingerprint = fingerprintOf(labels);
  return {
    version: '4',
    groupKey: `jidoka-fire:${fingerprint}`,
    truncatedAlerts: 0,
    receiver: 'jidoka-fire',
    status,
    groupLabels: {},
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: '',
    alerts: [
      {
        status,
        labels,
        annotations,
        startsAt: now,
        endsAt: status === 'firing' ? noTime : now,
        generatorURL: '',
        fingerprint,
      },
    ],
  };
}
