import type { FoundAlerts } from '../../engine/reports/search-alerts.js';
import { Ago } from './time.js';

/** Says how far a search has looked. */
export function Looked({ found, nowMs }: { readonly found: FoundAlerts; readonly nowMs: number }) {
  const { items, looked, backToMs, next } = found;
  if (backToMs === null) return <p class="soft">No alerts in that time.</p>;
  return (
    <p class="soft">
      {items.length} of {looked} searched alerts, back to <Ago ms={backToMs} nowMs={nowMs} />
      {next === null ? '. These are all.' : '. Older alerts are not searched yet.'}
    </p>
  );
}
