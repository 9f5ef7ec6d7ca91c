import type { MetricObject, MetricValue } from 'prom-client';
import type { Explanation } from '../engine/explain/explanation.js';
import type { Question } from '../engine/explain/question.js';
import type { Connection } from './connections.js';

export type MetricJson = MetricObject & { values: MetricValue<string>[] };

/** The half that acts, as the receiving one knows it: a thread of this process, or workers elsewhere. */
export interface ActingHalf {
  /** How it stands with what it is connected to. */
  connections(): Promise<readonly Connection[]>;
  /** That somebody acts, in a few words. @throws why nobody does. */
  check(): Promise<string>;
  /** Its metrics, unless it shows them elsewhere. @throws where nobody acts. */
  metrics(): Promise<MetricJson[]>;
  /** Takes over the active playbooks now instead of soon. */
  follow(): Promise<void>;
  /** @throws InputError for what there is not, and an error where it cannot be explained. */
  explain(question: Question): Promise<readonly Explanation[]>;
  /** Finishes the jobs in work, for at most `withinMs`. */
  stop(withinMs: number): Promise<void>;
}
