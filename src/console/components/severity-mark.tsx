import type { Severity } from '../../escalation/severity.js';

/** How many colours there are for severities, the most severe first. */
const colours = 4;

/** The severity of an item at the left edge of its row: a colour, and a word where there is room. */
export function SeverityMark(props: {
  readonly severity: Severity;
  /** The order of severities, by the policy. */
  readonly order: readonly string[];
  /** It comes before everything else, whatever its severity. */
  readonly broken?: boolean;
}) {
  const { severity, order, broken } = props;
  const { name, rank } = severity;
  // fewer severities than colours keep the first colour for the most severe
  const colour = rank >= order.length ? 'none' : String(Math.min(rank, colours - 1));
  return (
    <span class={broken ? 'severity broken' : `severity severity-${colour}`}>
      {name === '' ? <span class="unseen">no severity</span> : name}
    </span>
  );
}
