import type { Labels } from '../../alertmanager/alert.js';
import { UsageError } from '../usage-error.js';

/** What no name holds: what parts a matcher into its pieces. (Alertmanager, matcher/parse) */
const unlikeAName = /[\s{}!=~,\\"'`]/;

/**
 * Reads `name=value` pairs.
 *
 * @param what what they are, for the message: `label`
 * @throws UsageError that names the pair and what was expected.
 */
export function readPairs(pairs: readonly string[], what: string): Labels {
  const read = new Map<string, string>();
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(equals, 0));
    const value = pair.slice(equals + 1);
    if (equals < 1 || unlikeAName.test(name)) {
      throw new UsageError(`${what} "${pair}": expected name=value, such as service=shop_web`);
    }
    if (value === '') {
      throw new UsageError(
        `${what} "${pair}": the value is empty, which is the same as no ${what}; leave it out`,
      );
    }
    if (read.has(name)) throw new UsageError(`${what} "${name}" is given twice`);
    read.set(name, value);
  }
  return Object.fromEntries(read);
}

/**
 * Reads the labels of an alert.
 *
 * @throws UsageError if one cannot be read, or `alertname` is missing, which every rule's alert has.
 */
export function readLabels(pairs: readonly string[]): Labels {
  const labels = readPairs(pairs, 'label');
  if (labels.alertname === undefined) {
    throw new UsageError('expected the label alertname=…, which every alert of Prometheus has');
  }
  return labels;
}
