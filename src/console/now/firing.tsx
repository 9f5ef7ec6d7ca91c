import { AlertTable } from '../alert/alert-table.js';
import { Empty, More, Section } from '../components/section.js';
import type { Now } from './read-now.js';

/** The alerts that fire, and what was made of each. */
export function Firing({ now }: { readonly now: Now }) {
  const { items, total } = now.firing;
  return (
    <Section id="firing" title="Alerts that fire" count={total}>
      {items.length === 0 ? (
        <Empty>No alert fires, as far as Jidoka was told.</Empty>
      ) : (
        <AlertTable
          caption="Alerts that fire, the newest first"
          episodes={items}
          nowMs={now.nowMs}
        />
      )}
      <More shown={items.length} total={total} path="/alerts?state=open" />
    </Section>
  );
}
