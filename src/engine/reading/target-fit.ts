import type { Connected } from '../../integrations/contract/connected.js';
import { withDeadline } from '../../integrations/contract/transport.js';
import { integrations } from '../../integrations/registry.js';
import { messageOf } from '../../lib/errors.js';
import { nearestWord } from '../../playbook/problem.js';

/** Whether a name that a person gives is one of a target. */
export interface TargetFit {
  /** `null`: it could not be told. */
  readonly fits: boolean | null;
  /** The name that was probably meant; `null`: none is like it. */
  readonly nearest: string | null;
  /** Why it is not readable; else empty. */
  readonly detail: string;
}

/**
 * Creates a look-up of names among the targets that integrations list. It never throws: a target system that
 * does not answer leaves open whether a name fits.
 *
 * @param options.timeoutMs what each list may take
 */
export function createTargetFit(options: {
  readonly lists: Connected<unknown>['lists'];
  readonly timeoutMs: number;
}): (name: string) => Promise<TargetFit> {
  const { lists, timeoutMs } = options;

  return async (name) => {
    const reads = await Promise.allSettled(
      lists.map((list) => withDeadline(timeoutMs, () => list(name))),
    );
    const found = reads.flatMap((read) => (read.status === 'fulfilled' ? read.value : []));
    if (found.some((one) => one.name === name || one.ids.includes(name))) {
      return { fits: true, nearest: null, detail: '' };
    }
    const nearest =
      nearestWord(
        name,
        found.map((one) => one.name),
      ) ?? null;
    if (integrations.some(({ unlisted }) => unlisted?.test(name))) {
      return { fits: null, nearest, detail: 'Jidoka cannot list targets of this kind' };
    }
    const faults = reads.flatMap((read) =>
      read.status === 'rejected' ? [messageOf(read.reason)] : [],
    );
    if (faults.length > 0) return { fits: null, nearest, detail: [...new Set(faults)].join('; ') };
    return { fits: false, nearest, detail: '' };
  };
}
