import type { Child } from 'hono/jsx';

/**
 * The heading of a page, with what stands beside it: badges, and at the right what can be done about the
 * whole page. It is brought up to date like any other section.
 */
export function PageHead(props: {
  readonly title: Child;
  readonly actions?: Child;
  readonly children?: Child;
}) {
  const { title, actions, children } = props;
  return (
    <section id="head" class="head" aria-labelledby="head-title">
      <h1 id="head-title">{title}</h1>
      {children}
      {actions && <div class="head-actions">{actions}</div>}
    </section>
  );
}
