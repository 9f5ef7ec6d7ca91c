import type { Labels } from '../alertmanager/alert.js';

/** A silence that a person asked Alertmanager for, through us. */
export interface Silence {
  /** `wanted`: it is asked for until Alertmanager takes it; `failed`: its time passed before that. */
  readonly state: 'wanted' | 'active' | 'failed';
  readonly by: string;
  readonly untilMs: number;
  /** The labels that it silences, each by equality; `null`: not worked out yet. */
  readonly labels: Labels | null;
  /** Until then someone asks for it; no other worker does. */
  readonly leaseUntilMs: number;
  /** Alertmanager's id of it; `null`: Alertmanager has not taken it. */
  readonly id: string | null;
  /** Why it was not taken when it was last asked for. */
  readonly fault: string | null;
}
