import type { Clock } from '../lib/clock.js';
import type { AllowedHost } from './contract/allowed-host.js';
import type { AnyIntegration } from './contract/integration.js';
import type {
  Effect,
  GivenTargets,
  Simulated,
  SimulatedKind,
  SimulatedKinds,
  Twin,
} from './contract/simulation.js';
import { createRegistry, integrations, type Registry } from './registry.js';

/** Returns the kinds of targets of integrations that tests know, by their keys in a test file. */
export function simulatedKinds(of: readonly AnyIntegration[] = integrations): SimulatedKinds {
  return Object.assign({}, ...of.map(({ simulator }) => simulator.kinds));
}

/** Where simulated targets come from, and where what happens to them goes. */
export interface SimulatedWorld {
  /** The integrations that are simulated; left out, all. */
  readonly integrations?: readonly AnyIntegration[] | undefined;
  /** Returns the targets of a kind, given its key in a test file. */
  given(key: string, kind: SimulatedKind<unknown>): GivenTargets<unknown>;
  readonly workerAsg: string;
  readonly hosts: () => readonly AllowedHost[];
  readonly clock: Clock;
  readonly onEffect: (effect: Effect) => void;
}

/** The actions on simulated targets, and the sizes of those. */
export interface SimulatedRegistry extends Registry {
  /** Reads the size of a target, given the key of its kind in a test file; `undefined`: it has none, or is not there. */
  sizeOf(key: string, name: string): number | undefined;
}

/** Simulates integrations. */
export function simulateAll(world: SimulatedWorld): SimulatedRegistry {
  const { given, ...context } = world;
  const of = world.integrations ?? integrations;
  const twins = new Map<string, Twin<SimulatedKinds, unknown>>();

  function twinOf({ name, simulator }: Simulated<unknown>): Twin<SimulatedKinds, unknown> {
    const known = twins.get(name);
    if (known !== undefined) return known;
    const kinds = Object.entries(simulator.kinds as SimulatedKinds);
    const twin = simulator.create({
      ...context,
      given: Object.fromEntries(kinds.map(([key, kind]) => [key, given(key, kind)])),
      machines,
      clientsOf: <Clients>(other: Simulated<Clients>) => twinOf(other).clients as Clients,
    });
    twins.set(name, twin);
    return twin;
  }

  function machines(): ReadonlyMap<string, boolean> {
    return new Map([...twins.values()].flatMap((twin) => [...(twin.machines?.() ?? [])]));
  }

  const clients = Object.fromEntries(of.map((one) => [one.name, twinOf(one).clients]));
  const sizes = Object.assign({}, ...[...twins.values()].map((twin) => twin.sizes));
  return {
    ...createRegistry(clients, of),
    sizeOf: (key, name) => sizes[key]?.(name),
  };
}
