import type { MetricObject, MetricValue } from 'prom-client';
import type { Explanation } from '../engine/explain/explanation.js';
import type { Question } from '../engine/explain/question.js';
import type { TargetChecks } from '../engine/health/target-watch.js';
import type { TargetFit } from '../engine/reading/target-fit.js';
import type { Connection } from './connections.js';

export type MetricJson = MetricObject & { values: MetricValue<string>[] };

/** The half that acts, as the receiving one knows it: a thread of this process, or workers elsewhere. */
export interface WorkerHandle {
  /** How it stands with what it is connected to. */
  connections(): Promise<readonly Connection[]>;
  /** That someone acts, in a few words. @throws why no one does. */
  check(): Promise<string>;
  /** How each target system stands; none where they are looked at elsewhere, or it does not answer. */
  targets(): Promise<TargetChecks>;
  /** Its metrics, unless it shows them elsewhere. @throws where no one acts. */
  metrics(): Promise<MetricJson[]>;
  /** Takes over the active playbooks now instead of soon. */
  follow(): Promise<void>;
  /** @throws InputError for what there is not, and an error where it cannot be explained. */
  explain(question: Question): Promise<readonly Explanation[]>;
  /** Whether a name is one of a target. Never throws. */
  targetFit(name: string): Promise<TargetFit>;
  /** Finishes the jobs in work, for at most `withinMs`. */
  stop(withinMs: number): Promise<void>;
}
