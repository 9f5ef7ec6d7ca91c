import type { Context } from 'hono';
import type { Assets } from './assets.js';
import type { EngineStatus } from './status.js';

/** `viewer`: may look at everything and change nothing. */
export type Role = 'operator' | 'viewer';

/** Who looks at a page. */
export interface Visitor {
  readonly role: Role;
  /** What they call themselves, for the record of what they decide; `null`: they have not said yet. */
  readonly name: string | null;
  /** Belongs into each form that changes something; bound to their session. */
  readonly csrf: string;
}

/** What each handler of the console finds in its context. */
export interface ConsoleEnv {
  Variables: {
    visitor: Visitor;
    assets: Assets;
    /** Not read where no one is let in. */
    status: Promise<EngineStatus> | undefined;
    /** Where a form was sent from, if the page before this one asked for a name. */
    cameFrom: string | undefined;
  };
}

export type ConsoleContext = Context<ConsoleEnv>;

/** Whether this visitor may change anything. */
export function mayChange({ role }: Visitor): boolean {
  return role === 'operator';
}

/**
 * The name under which this visitor decides. `access.ts` lets no one change anything without one.
 */
export function deciderOf(c: ConsoleContext): string {
  const { name } = c.get('visitor');
  if (name === null) throw new Error('expected a visitor with a name');
  return name;
}
