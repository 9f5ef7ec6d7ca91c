import type { Context } from 'hono';
import type { Assets } from './assets.js';

/** `viewer`: may look at everything and change nothing. */
export type Role = 'operator' | 'viewer';

/** Who looks at a page. */
export interface Visitor {
  readonly role: Role;
  /** What they call themselves; it stands in what they decide. */
  readonly name: string;
  /** Whether they have said who they are. */
  readonly isSignedIn: boolean;
  /** Belongs into each form that changes something; bound to their session. */
  readonly csrf: string;
}

/** What each handler of the console finds in its context. */
export interface ConsoleEnv {
  Variables: { visitor: Visitor; assets: Assets };
}

export type ConsoleContext = Context<ConsoleEnv>;

/** Whether this visitor may change anything. */
export function mayChange({ role }: Visitor): boolean {
  return role === 'operator';
}
