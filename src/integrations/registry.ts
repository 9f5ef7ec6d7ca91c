import type { Labels } from '../alertmanager/alert.js';
import { type Automation, noAutomation } from '../monitoring/described-service.js';
import { aws } from './aws/aws.js';
import type { AnyAction } from './contract/action.js';
import type { Connected } from './contract/connected.js';
import type { AnyIntegration, ConnectContext, Count, Integration } from './contract/integration.js';
import { masked } from './contract/masked.js';
import type { SettingsReader } from './contract/settings.js';
import { http } from './http/http.js';
import { swarm } from './swarm/swarm.js';

/** All integrations. To add one, add its folder and one line here (docs/contributors/adding-an-integration.md). */
export const integrations: readonly AnyIntegration[] = [swarm, aws, http];

/** The labels of alerts that name targets. */
export const targetLabels: readonly string[] = integrations.flatMap(({ labels }) => labels);

/** Something of each integration, by its name; each alone knows what it is. */
export type OfEach = Readonly<Record<string, unknown>>;

/** Reads the settings of all integrations. */
export function readSettings(reader: SettingsReader): OfEach {
  return Object.fromEntries(integrations.map((one) => [one.name, one.settings(reader)]));
}

/** Reads what a service says about how it may be changed, in its own labels and those of its containers. */
export function readAutomation(labels: Labels, containerLabels: Labels): Automation {
  const [said] = integrations.flatMap((one) => one.automation?.(labels, containerLabels) ?? []);
  return said ?? noAutomation;
}

/** What the engine does through the clients of all integrations. */
export interface Registry {
  /** All actions, by the name that a playbook calls them. */
  readonly actions: ReadonlyMap<string, AnyAction>;
  /** How the targets of each kind are counted. */
  readonly counts: Readonly<Record<string, Count>>;
}

/** A connected integration, as the lines at start-up and the metrics call it. */
export interface ConnectedIntegration extends Connected<unknown> {
  readonly name: string;
  readonly title: string;
}

/**
 * Connects all integrations with their settings. Makes no call: the first use of a client does. Its actions
 * let no secret out.
 */
export async function connectAll(
  settings: OfEach,
  context: Omit<ConnectContext, 'clientsOf'>,
): Promise<Registry & { readonly connected: readonly ConnectedIntegration[] }> {
  const connecting = new Map<string, Promise<Connected<unknown>>>();
  function connect({ name, connect }: AnyIntegration): Promise<Connected<unknown>> {
    const known = connecting.get(name) ?? connect(settings[name], { ...context, clientsOf });
    connecting.set(name, known);
    return known;
  }
  // biome-ignore lint/suspicious/noExplicitAny: only the clients are of interest
  async function clientsOf<Clients>(one: Integration<any, any, Clients>): Promise<Clients> {
    return (await connect(one)).clients as Clients;
  }

  const connected: ConnectedIntegration[] = [];
  for (const one of integrations) {
    connected.push({ name: one.name, title: one.title, ...(await connect(one)) });
  }
  const clients = Object.fromEntries(connected.map((one) => [one.name, one.clients]));
  const { actions, counts } = createRegistry(clients);
  const shown = [...actions].map(([name, action]) => [name, masked(action)] as const);
  return { actions: new Map(shown), counts, connected };
}

/** Creates all actions and counts from the clients of each integration. Calls none of them. */
export function createRegistry(
  clients: OfEach,
  of: readonly AnyIntegration[] = integrations,
): Registry {
  const actions = of.flatMap((one) => one.actions(clients[one.name]));
  return {
    actions: new Map(actions.map((action) => [action.name, action])),
    counts: Object.assign({}, ...of.map((one) => one.counts(clients[one.name]))),
  };
}
