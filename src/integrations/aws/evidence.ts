import type { EvidenceSource } from '../contract/evidence.js';
import type { AutoScaling } from './auto-scaling.js';
import { awsOffers } from './offers.js';

const maxActivities = 5;

/** Says what an Auto Scaling group did last, and why that is not over. */
export function createAwsEvidence({
  autoScaling,
  workerAsg,
}: {
  readonly autoScaling: Pick<AutoScaling, 'activities'>;
  readonly workerAsg: string;
}): EvidenceSource {
  return {
    system: 'aws',
    scopes: [],

    async targets({ labels, targets }) {
      const own = targets.filter(({ id }) => id.startsWith('asg/'));
      if (own.length > 0) return own;
      const names = awsOffers(labels, workerAsg).sizes.flatMap(({ params }) => params.group ?? []);
      return names.map((name) => ({ id: `asg/${name}`, name }));
    },

    async activities({ name }) {
      return (await autoScaling.activities(name)).slice(0, maxActivities);
    },
  };
}
