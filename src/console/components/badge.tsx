import type { Child } from 'hono/jsx';

/** How good or bad something is; always said in words too. */
export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'calm';

/** A word or two on how something stands. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children?: Child }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}
