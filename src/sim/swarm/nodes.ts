import { EngineRefusal } from './refusal.js';
import { swarmId } from './service.js';
import { readVersion } from './spec.js';

/** What a test or the demo asks for when it puts a node into the simulated Swarm. */
export interface NodeSeed {
  readonly hostname: string;
  readonly role: 'manager' | 'worker';
  /** `127.0.0.1` unless told. */
  readonly address?: string;
  /** How many tasks fit on it; any number unless told. */
  readonly room?: number;
}

/** A change made behind the caller's back. */
export interface NodePatch {
  readonly availability?: SwarmNode['availability'];
  readonly state?: SwarmNode['state'];
  readonly room?: number;
}

export interface SwarmNode {
  readonly id: string;
  readonly hostname: string;
  readonly role: 'manager' | 'worker';
  readonly address: string;
  readonly createdAtMs: number;
  updatedAtMs: number;
  version: number;
  labels: Readonly<Record<string, string>>;
  availability: 'active' | 'pause' | 'drain';
  state: 'ready' | 'down';
  room: number | undefined;
}

/** A change of a node that the simulated Swarm took. */
export interface NodeUpdate {
  readonly node: string;
  readonly to: SwarmNode['availability'] | 'removed';
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

/** A machine that is a node for as long as it runs. */
export type Machine = Pick<NodeSeed, 'hostname' | 'room'> & { readonly address: string };

/** The nodes of the simulated Swarm. */
export type Nodes = ReturnType<typeof createNodes>;

/**
 * @param options.machines the machines that run now besides `seeds`: each is a worker that joins when it is
 *   first seen, and is down when it is not seen any more
 */
export function createNodes(options: {
  readonly seeds: readonly NodeSeed[];
  readonly machines: () => readonly Machine[];
  readonly now: () => number;
  readonly nextVersion: () => number;
  /** Called when a node takes tasks on or gives them up. */
  readonly onChange: () => void;
}) {
  const { machines, now, nextVersion, onChange } = options;
  const nodes: SwarmNode[] = [];
  const updates: NodeUpdate[] = [];
  const joined = new Map<string, SwarmNode>();
  for (const seed of options.seeds) add(seed);

  function add({ hostname, role, address = '127.0.0.1', room }: NodeSeed): SwarmNode {
    const times = { createdAtMs: now(), updatedAtMs: now(), version: nextVersion() };
    const state = { labels: {}, availability: 'active', state: 'ready', room } as const;
    const node = { id: swarmId(), hostname, role, address, ...times, ...state };
    nodes.push(node);
    return node;
  }

  function touch(node: SwarmNode, patch: NodePatch & Pick<Partial<SwarmNode>, 'labels'>): void {
    Object.assign(node, patch, { updatedAtMs: now(), version: nextVersion() });
  }

  function all(): readonly SwarmNode[] {
    const present = new Map(machines().map((machine) => [machine.hostname, machine]));
    for (const [hostname, machine] of present) {
      if (!joined.has(hostname)) joined.set(hostname, add({ ...machine, role: 'worker' }));
    }
    for (const [hostname, node] of joined) {
      if (!present.has(hostname) && node.state === 'ready') touch(node, { state: 'down' });
    }
    return nodes;
  }

  /** By full id or by name; throws EngineRefusal 404 as the engine would. */
  function find(idOrName: string): SwarmNode {
    const node = all().find(({ id, hostname }) => id === idOrName || hostname === idOrName);
    if (node === undefined) throw new EngineRefusal(404, `node ${idOrName} not found`);
    return node;
  }

  return {
    all,
    find,
    updates,

    change(hostname: string, patch: NodePatch): void {
      touch(find(hostname), patch);
      onChange();
    },

    /** Takes an update as the engine does; throws EngineRefusal with the engine's own words. */
    update(idOrName: string, version: string | null, body: string): void {
      const spec = JSON.parse(body) as Record<string, unknown>;
      const named = readVersion(version, 'node');
      const node = find(idOrName);
      const availability = (['active', 'pause', 'drain'] as const).find(
        (one) => one === spec.Availability,
      );
      if (availability === undefined) {
        throw new EngineRefusal(400, `invalid Availability: "${spec.Availability}"`);
      }
      if (spec.Role !== node.role) {
        throw new EngineRefusal(501, 'the simulated Swarm changes no roles');
      }
      if (named !== node.version) {
        throw new EngineRefusal(500, 'rpc error: code = Unknown desc = update out of sequence');
      }
      updates.push({ node: node.hostname, to: availability, at: now() });
      touch(node, { availability, labels: (spec.Labels ?? {}) as Record<string, string> });
      onChange();
    },

    /** Removes a node that is down; throws EngineRefusal with the engine's own words. */
    remove(idOrName: string): void {
      const node = find(idOrName);
      const refuse = (why: string) =>
        new EngineRefusal(
          400,
          `rpc error: code = FailedPrecondition desc = node ${node.id} ${why}`,
        );
      if (node.role === 'manager') {
        throw refuse(
          'is a cluster manager and is a member of the raft cluster. It must be demoted to worker before removal',
        );
      }
      if (node.state !== 'down') throw refuse("is not down and can't be removed");
      updates.push({ node: node.hostname, to: 'removed', at: now() });
      nodes.splice(nodes.indexOf(node), 1);
    },
  };
}

/** Whether tasks may be put on the node, as long as there is room. */
export function isOpen({ state, availability }: SwarmNode): boolean {
  return state === 'ready' && availability === 'active';
}

/** Whether the tasks on the node have to go elsewhere. */
export function isLeft({ state, availability }: SwarmNode): boolean {
  return state === 'down' || availability === 'drain';
}
