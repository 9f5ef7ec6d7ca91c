import type { Child } from 'hono/jsx';

/**
 * A part of a page under a heading of its own. While the page is open it is brought up to date by itself,
 * so that its id has to be the only one on the page.
 */
export function Section(props: {
  readonly id: string;
  readonly title: string;
  /** How many things it lists, where that helps. */
  readonly count?: number | string;
  /** Whether people should look here first. */
  readonly urgent?: boolean;
  /** Whether its content goes from edge to edge, as rows do. */
  readonly flush?: boolean;
  readonly children?: Child;
}) {
  const { id, title, count, urgent, flush, children } = props;
  const look = ['card', ...(urgent ? ['urgent'] : []), ...(flush ? ['flush'] : [])].join(' ');
  return (
    <section id={id} class={look} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>
        {title}
        {count !== undefined && <span class="count"> {count}</span>}
      </h2>
      {children}
    </section>
  );
}

/** Says that there is nothing, and that this is fine. */
export function Empty({ children }: { readonly children?: Child }) {
  return <p class="empty">{children}</p>;
}

/** Leads to the older ones of a list. */
export function Older(props: {
  readonly next: string | null;
  readonly path: string;
  /** What they are called (default: `Older`). */
  readonly word?: string;
}) {
  const { next, path, word = 'Older' } = props;
  if (next === null) return null;
  const separator = path.includes('?') ? '&' : '?';
  return (
    <p class="older">
      <a class="button" href={`${path}${separator}before=${encodeURIComponent(next)}`} rel="next">
        {word}
      </a>
    </p>
  );
}

/** Leads to the whole of a list of which a part is shown. */
export function More(props: {
  readonly shown: number;
  readonly total: number;
  readonly path: string;
}) {
  const { shown, total, path } = props;
  if (total <= shown) return null;
  return (
    <p>
      <a href={path}>Show all {total}</a>
    </p>
  );
}
