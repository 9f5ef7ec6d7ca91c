import type { Labels, RunningTask } from '../monitoring/described-service.js';

/** A service, as far as it is announced. */
export interface AnnouncedService {
  readonly id: string;
  readonly name: string;
  /** `Version.Index`: rises with every change in the Swarm. */
  readonly version: number;
  /** Differs whenever its specification does. */
  readonly digest: string;
  readonly labels: Labels;
  /** The replicas that are wanted; `undefined` for every mode but `replicated`. */
  readonly replicas: number | undefined;
  /** Whether all its tasks run and no rollout is under way. Tasks are known with `com.df.scrapeNetwork` only. */
  readonly isConverged: boolean;
  readonly tasks: readonly Pick<RunningTask, 'nodeId' | 'networks'>[];
}

/** A node, as far as it is announced. */
export interface AnnouncedNode {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly address: string;
  readonly state: string;
  readonly role: string;
  readonly availability: string;
  readonly labels: Labels;
  readonly engineLabels: Labels;
}

/** What can be announced. */
export type AnnouncedKind = 'service' | 'node';

/** All services and nodes, as they were last seen. */
export interface AnnouncedWorld {
  readonly services: readonly AnnouncedService[];
  /** `undefined`: they were not read yet, or cannot be read. */
  readonly nodes: readonly AnnouncedNode[] | undefined;
  /** Asks the Swarm now whether something is gone. Throws where it does not answer. */
  isGone(kind: AnnouncedKind, id: string): Promise<boolean>;
  /** Reads a service by its name, or the nodes, again: soon, and once for many requests. */
  readAgain(what: { readonly service: string } | 'nodes'): void;
}
