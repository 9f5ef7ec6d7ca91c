import type { SimulatedKinds } from '../../integrations/contract/simulation.js';
import type { PlaybookTest } from '../../playbook/test/schema.js';
import type { Simulation } from '../simulation.js';
import type { Story } from './story.js';

/** A test that is running. */
export interface Stage {
  readonly simulation: Simulation;
  readonly story: Story;
  readonly test: PlaybookTest;
  readonly kinds: SimulatedKinds;
  readonly endMs: number;
}
