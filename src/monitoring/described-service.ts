/** Labels by their names. */
export type Labels = Readonly<Record<string, string>>;

/** What a service says about how it may be changed; `null`: it says nothing about that. */
export interface Automation {
  /** `false`: its owner keeps Jidoka away. */
  readonly enabled: boolean;
  readonly min: number | null;
  readonly max: number | null;
  readonly mode: 'shadow' | 'approve' | 'auto' | null;
  readonly owner: string | null;
  /** What cannot be read, a sentence each. Nothing is done with a service that has any. */
  readonly faults: readonly string[];
}

/** Of a service that says nothing about how it may be changed. */
export const noAutomation: Automation = {
  enabled: true,
  min: null,
  max: null,
  mode: null,
  owner: null,
  faults: [],
};

/** A service, as far as its monitoring derives from it. */
export interface DescribedService {
  readonly id: string;
  readonly name: string;
  /** The replicas that are wanted; `undefined` for every mode but `replicated`. */
  readonly replicas: number | undefined;
  readonly labels: Labels;
  readonly containerLabels: Labels;
  readonly automation: Automation;
}

/** A running task of a service, as far as it can be scraped. */
export interface RunningTask {
  readonly id: string;
  readonly serviceId: string;
  readonly nodeId: string;
  /** Its networks without the routing mesh; that of the host has no address. */
  readonly networks: readonly { readonly name: string; readonly address: string | undefined }[];
  /** Its published ports. */
  readonly ports: readonly {
    readonly target: number;
    readonly published: number;
    readonly mode: 'host' | 'ingress';
  }[];
}

/** A node that runs tasks. */
export interface KnownNode {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly labels: Labels;
}

/** Everything that the monitoring derives from, as it was last seen. */
export interface DescribedWorld {
  readonly services: readonly DescribedService[];
  readonly tasks: readonly RunningTask[];
  readonly nodes: readonly KnownNode[];
  /** The services of which a task is still to start, of those whose tasks are followed. */
  readonly starting?: readonly string[];
}
