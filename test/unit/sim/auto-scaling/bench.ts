import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { type AutoScalingSim, createAutoScalingSim } from '../../../../src/sim/auto-scaling.js';
import { createManualClock, type ManualClock } from '../manual-clock.js';

/** A simulated Auto Scaling with one group, and the SDK's client on it. */
export interface AutoScalingBench {
  clock: ManualClock;
  scaling: AutoScalingSim;
  client: AutoScalingClient;
}

/** Starts one, whose instances take half a minute; whoever started it stops `scaling`. */
export async function startAutoScalingBench(): Promise<AutoScalingBench> {
  const clock = createManualClock();
  const scaling = createAutoScalingSim({ clock, launchMs: 30_000 });
  scaling.addGroup({ name: 'workers', min: 1, max: 4, desired: 2, tags: { team: 'a&b <ops>' } });
  await scaling.start();
  return { clock, scaling, client: clientOf(scaling, 1) };
}

/** The SDK's client on a simulated Auto Scaling. */
export function clientOf(scaling: AutoScalingSim, maxAttempts: number): AutoScalingClient {
  return new AutoScalingClient({
    region: 'eu-central-1',
    endpoint: scaling.url(),
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' },
    maxAttempts,
  });
}
