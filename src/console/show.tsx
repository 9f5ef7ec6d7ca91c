import type { Child } from 'hono/jsx';
import { visibleHtml } from '../lib/visible.js';
import { Layout } from './components/layout.js';
import type { ConsoleContext } from './visit.js';

interface Shown {
  readonly title: string;
  readonly status?: 200 | 400 | 401 | 403 | 404 | 409 | 413 | 429 | 503;
  /** Whether it is kept up to date while it is open (default: yes). */
  readonly live?: boolean;
}

/** Answers with a page of the console. What is put into it is escaped, characters that no one sees too. */
export async function showPage(c: ConsoleContext, shown: Shown, content: Child): Promise<Response> {
  const { title, status = 200, live = true } = shown;
  const page = (
    <Layout
      title={title}
      path={c.req.path}
      assets={c.get('assets')}
      visitor={c.get('visitor')}
      status={await c.get('status')}
      live={live && status === 200}
    >
      {content}
    </Layout>
  );
  return c.html(visibleHtml(`<!doctype html>${page.toString()}`), status);
}

/** Answers with what went wrong, and what to do. */
export function showProblem(
  c: ConsoleContext,
  problem: Required<Pick<Shown, 'status' | 'title'>> & { readonly why: string },
): Promise<Response> {
  const { status, title, why } = problem;
  return showPage(
    c,
    { title, status, live: false },
    <section class="card narrow">
      <h1>{title}</h1>
      <p>{why}</p>
      <p>
        <a href="/">To the overview</a>
      </p>
    </section>,
  );
}

/** Answers that there is no such page, or no such record any more. */
export function showMissing(c: ConsoleContext, what: string): Promise<Response> {
  const why = `There is no ${what} here, or Jidoka no longer keeps it: records expire 30 days after they end.`;
  return showProblem(c, { status: 404, title: 'Not found', why });
}
