import { Hono } from 'hono';
import { prettyJSON } from 'hono/pretty-json';

/** What came of a reload that was asked for. */
export type ReloadAnswer =
  | {
      readonly kind: 'taken';
      /** The active set. */
      readonly hash: string;
      readonly playbooks: number;
      /** Whether this reload changed the active set. */
      readonly changed: boolean;
      readonly detail: string;
    }
  /** What is wrong, a line each. */
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

/**
 * `POST /-/reload`: takes over the playbook folder and the policy now. It needs no body, as with
 * Prometheus and what reloads it; it answers when the new set decides, or with all that is wrong.
 */
export function createReload({ reload }: { readonly reload: () => Promise<ReloadAnswer> }): Hono {
  const routes = new Hono();
  // people read it in a terminal
  routes.use('/-/reload', prettyJSON({ force: true }));

  routes.post('/-/reload', async (c) => {
    const answer = await reload();
    if (answer.kind === 'taken') {
      const { kind: _, ...taken } = answer;
      return c.json(taken);
    }
    const error = 'the playbooks have errors, and the active set stays; fix the listed errors';
    return c.json({ error, problems: answer.problems }, 422);
  });

  return routes;
}
