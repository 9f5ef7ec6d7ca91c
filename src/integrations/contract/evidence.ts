import type { Target } from './change.js';

/*
 * What an integration can say about what an alert is about, besides changing it. Nothing here changes
 * anything.
 */

/** Something that happened to a target. */
export interface TargetEvent {
  /** Where it is looked up: the id of its target, or a scope of the integration (`swarm.nodes`). */
  readonly scope: string;
  readonly kind:
    | 'deployed'
    | 'updated'
    | 'restarted'
    | 'scaled'
    | 'created'
    | 'removed'
    | 'rollout_paused'
    | 'rolled_back'
    | 'node_joined'
    | 'node_left'
    | 'node_down'
    | 'node_up'
    | 'node_availability';
  /** The target as people call it. */
  readonly name: string;
  /** From what to what: images, sizes, words. */
  readonly from?: string;
  readonly to?: string;
  /** Other settings of its tasks changed with the image. */
  readonly besides?: true;
  /** Versions in between may have been missed. */
  readonly missed?: true;
  /** In milliseconds since the Unix epoch, as the system itself says where it does. */
  readonly atMs: number;
}

/** What a watch saw of its targets. */
export interface SeenTargets {
  /** Something may have happened unseen before this look: it is the first, or the first after a break. */
  readonly isFirst: boolean;
  /** The versions of the targets that are new or changed, by their scopes; `null`: removed. */
  readonly versions: ReadonlyMap<string, string | null>;
}

/** Where a watch leaves what it saw. */
export interface TargetHistory {
  /**
   * Keeps what happened for 7 days, and notes that everything until now was seen. Several workers may note
   * the same. Throws where it cannot be kept.
   *
   * @param system the integration: `swarm`
   * @param seen left out: the targets themselves were not looked at
   */
  note(system: string, events: readonly TargetEvent[], seen?: SeenTargets): Promise<void>;
}

/** What is known to have happened to one target. */
export interface HistoryOf {
  /** Of the last 7 days, oldest first; what several workers noted stands in it more than once. */
  readonly events: readonly TargetEvent[];
  /** Since when nothing was missed; `null`: something may have been at any time. */
  readonly wholeSinceMs: number | null;
  /** The version of the target that was seen last; `null`: none was. */
  readonly version: string | null;
}

/** Reads what a watch noted. */
export interface TargetHistoryReader {
  /** Reads the history of one target. Throws where it cannot be read. */
  of(system: string, scope: string): Promise<HistoryOf>;
}

/** One task that did not keep running. */
export interface FailedTask {
  readonly atMs: number;
  /** `failed`, `rejected`, … */
  readonly state: string;
  /** What the system says; empty: nothing. */
  readonly error: string;
  /** `null`: it has none, because it never began. */
  readonly exitCode: number | null;
  /** The name of its node, or its id where nodes cannot be read; `null`: it was on none. */
  readonly node: string | null;
}

/** The tasks of a target, as they are. */
export interface TaskEvidence {
  readonly name: string;
  readonly running: number;
  /** How many are wanted; `null`: it is not a number that someone sets. */
  readonly desired: number | null;
  /** The latest failures, newest first, and how many are known in all. */
  readonly failures: readonly FailedTask[];
  readonly failed: number;
  /** Why tasks wait (`no suitable node …`), each once. */
  readonly problems: readonly string[];
  /** The last lines of the failed or newest task, as they came; left out where they were not asked for. */
  readonly logs?: readonly string[];
}

/** One activity of a group, in the system's words. */
export interface GroupActivity {
  readonly atMs: number;
  /** `Successful`, `Failed`, `InProgress`, … */
  readonly status: string;
  readonly description: string;
  /** Why it is as it is; empty: the system says nothing. */
  readonly message: string;
}

/** What evidence of an integration is asked about. */
export interface AlertAbout {
  readonly labels: Readonly<Record<string, string>>;
  /** The targets of the alert's run; empty: it has none. */
  readonly targets: readonly Target[];
}

/** What one integration knows. Every method reads only, and throws a `TargetError`. */
export interface EvidenceSource {
  /** The integration's name, by which its history is kept. */
  readonly system: string;
  /** Finds the targets of this integration that an alert is about; empty: it is about none. */
  targets(about: AlertAbout): Promise<readonly Target[]>;
  /** Where to look up what happened besides the targets themselves. */
  readonly scopes: readonly string[];
  /** Reads a target's tasks; left out: its targets have none. `null`: this one has none. */
  tasks?(target: Target, options: { readonly logs: boolean }): Promise<TaskEvidence | null>;
  /** Reads the latest activities of a group, newest first; left out: its targets are no groups. */
  activities?(target: Target): Promise<readonly GroupActivity[]>;
}
