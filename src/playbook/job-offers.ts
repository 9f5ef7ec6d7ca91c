import type { Labels } from '../alertmanager/alert.js';
import type { Matcher } from '../alertmanager/matcher.js';
import type { JobDefinition } from '../integrations/contract/job.js';
import type { Template } from './expression.js';
import { createLabelIndex } from './label-index.js';

/** A job that people are offered for some alerts. */
export interface JobOffer {
  readonly job: JobDefinition;
  readonly match: readonly Matcher[];
  /** The values of its inputs: a mapping. */
  readonly with: Template;
}

/** The offers of `jobs.yaml`, found by what an alert says. */
export interface JobOffers {
  /** Returns the first offers that match, in the order of the file. */
  matching(labels: Labels): readonly JobOffer[];
}

/** More buttons of jobs than this are no help to anybody. */
const maxOffers = 5;

/** Indexes offers by a label that they ask for as it is; one that asks for none is compared with every alert. */
export function createJobOffers(offers: readonly JobOffer[]): JobOffers {
  const byLabel = createLabelIndex();
  const always: number[] = [];
  for (const [order, { match }] of offers.entries()) {
    const key = match.find(({ op, value }) => op === '=' && value !== '');
    if (key === undefined) always.push(order);
    else byLabel.add(key.name, { text: key.value, at: 'whole' }, order);
  }
  return {
    matching(labels) {
      const orders = [...always, ...byLabel.find(labels).flat()].sort((a, b) => a - b);
      const found: JobOffer[] = [];
      for (const order of orders) {
        const offer = offers[order];
        if (offer?.match.every((matcher) => matcher.matches(labels)) !== true) continue;
        found.push(offer);
        if (found.length === maxOffers) break;
      }
      return found;
    },
  };
}
