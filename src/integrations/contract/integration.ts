import type { Labels } from '../../alertmanager/alert.js';
import type { Finding } from '../../lib/finding.js';
import type { Logger } from '../../lib/logger.js';
import type { Automation } from '../../monitoring/described-service.js';
import type { Action, Bounds } from './action.js';
import type { AllowedHost } from './allowed-host.js';
import type { TargetOf } from './change.js';
import type { Connected } from './connected.js';
import type { TargetHistoryReader } from './evidence.js';
import type { Offers } from './offer.js';
import type { Environment, SettingsReader } from './settings.js';
import type { Simulator } from './simulation.js';

/**
 * Counts all targets of one kind, for the share of a fleet that may be changed; `null`: the system is not
 * configured. `uncounted`: there is no such number, and so no share limits them. Throws a `TargetError`.
 */
export type Count = (() => Promise<number | null>) | 'uncounted';

/** What an integration gets to connect with, besides its own settings. */
export interface ConnectContext {
  /** What one call of a target's API may take, in milliseconds. */
  readonly timeoutMs: number;
  /** The hosts that the policy in use allows. */
  readonly hosts: () => readonly AllowedHost[];
  /** What the engine knows to be secret, which no log that is kept may hold. */
  readonly secrets: () => readonly string[];
  /** What the watches noted. */
  readonly history: TargetHistoryReader;
  /** Returns the clients of another integration, which it connects first. */
  // biome-ignore lint/suspicious/noExplicitAny: only the clients are of interest
  clientsOf<Clients>(other: Integration<any, any, Clients>): Promise<Clients>;
  readonly log: Logger;
}

/** What the doctor gives an integration besides its settings. */
export interface DoctorContext {
  /** What one call may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly env: Environment;
  /** The policy's bounds, which hold where a target gives none. */
  readonly bounds: Bounds;
  /** The hosts that the policy allows. */
  readonly hosts: readonly AllowedHost[];
}

/**
 * One system whose targets are changed: everything that the engine knows of it. Its folder gives one of
 * these in the file of its name, and `registry.ts` names it in one line; all else derives from that
 * (docs/contributors/adding-an-integration.md).
 *
 * `Kind` holds the kinds of its targets (`swarm.service`), the first part of their ids. A kind of a target
 * without a count does not compile.
 */
export interface Integration<Kind extends string, Settings, Clients> {
  /** The name of its folder, and its label in `jidoka_target_up`: `swarm`. */
  readonly name: string;
  /** The system as lines at start-up and the doctor call it, in a word. */
  readonly title: string;
  /** The labels of alerts that name its targets, the most telling first. */
  readonly labels: readonly string[];
  /** What people call a target of each kind, before its name: `service`. Empty where its name says it. */
  readonly nouns: Readonly<Record<Kind, string>>;
  /** The variable that names the system; left out, there are several or none. */
  readonly variable?: string;
  /** Reads its settings: plain data. */
  settings(reader: SettingsReader): Settings;
  /**
   * Creates its clients. Connects to nothing: the first call does. The clients are imported here and not at
   * the top of the file, so that commands which only read playbooks start without them.
   */
  connect(settings: Settings, context: ConnectContext): Promise<Connected<Clients>>;
  /** Creates its actions. Calls nothing: where playbooks are only read, no client works. */
  actions(clients: Clients): readonly Action<AnyParams, AnyState, TargetOf<Kind>>[];
  /** Says how each kind of its targets is counted. Calls nothing. */
  counts(clients: Clients): Readonly<Record<Kind, Count>>;
  /** Its twin, which playbook tests and backtests change in its place. */
  // biome-ignore lint/suspicious/noExplicitAny: only the twin itself reads the states of its targets
  readonly simulator: Simulator<any, Clients>;
  /**
   * Says what people are offered for an alert with these labels; left out: nothing. Calls nothing.
   *
   * @param variables what expressions may read besides the alert, by its name
   */
  offers?(labels: Labels, variables: Readonly<Record<string, string>>): Offers;
  /** Reads what a service says about how it may be changed; left out, services are not its targets. Calls nothing. */
  automation?(labels: Labels, containerLabels: Labels): Automation;
  /** Names and ids of targets that are on none of its lists (`Connected.lists`). */
  readonly unlisted?: RegExp;
  /** Looks at connection, permissions and targets for `jidoka doctor`. Changes nothing. Imported like clients. */
  doctor(settings: Settings, context: DoctorContext): Promise<readonly Finding[]>;
}

// biome-ignore lint/suspicious/noExplicitAny: each action checks its parameters itself
type AnyParams = any;
// biome-ignore lint/suspicious/noExplicitAny: only the action itself reads the state that it observed
type AnyState = any;

/** An integration whose types are known to itself alone, as the registry lists it. */
// biome-ignore lint/suspicious/noExplicitAny: its settings and clients come from itself
export type AnyIntegration = Integration<any, any, any>;
