import type { ActivePlaybooks } from '../../engine/context/context.js';
import type { AnyIntegration } from '../../integrations/contract/integration.js';
import type {
  GivenTargets,
  SimulatedCall,
  SimulatedKind,
} from '../../integrations/contract/simulation.js';
import { simulatedKinds } from '../../integrations/simulate.js';
import type { PlaybookTests } from '../../playbook/test/schema.js';
import { createSimulation, type Simulation } from '../simulation.js';
import { sendAlerts } from './alerts.js';
import { compare } from './compare.js';
import type { Difference } from './difference.js';
import { planClicks, planPauses } from './people.js';
import type { Stage } from './stage.js';
import { createStory } from './story.js';

/** The result of one test. */
export interface TestResult {
  readonly name: string;
  /** Where it differs from what was expected, the earliest first; empty: the test passed. */
  readonly differences: readonly Difference[];
  /** What happened, a line each, until the end of the test. */
  readonly story: readonly string[];
}

/**
 * Simulates one test, and compares what it expects with what happened, at each of its times.
 *
 * @param integrations those that are simulated; left out, all
 */
export async function runTest(
  index: number,
  file: PlaybookTests,
  active: ActivePlaybooks,
  integrations?: readonly AnyIntegration[],
): Promise<TestResult> {
  const test = file.tests[index];
  if (test === undefined) throw new Error(`there is no test ${index}`);
  const startMs = test.starts;
  const expected = [...test.expect.entries()].sort(([, a], [, b]) => a.at - b.at);
  const endMs = startMs + Math.max(...test.expect.map(({ at }) => at));
  const story = createStory(startMs);
  const simulation: Simulation = createSimulation({
    active,
    integrations,
    workerAsg: file.worker_asg ?? '',
    fleet: file.fleet,
    given,
    startMs,
    ...story.listeners,
  });
  const stage: Stage = { simulation, story, test, kinds: simulatedKinds(integrations), endMs };
  // pauses come first: one from the start defers what fires at the start
  planPauses(stage);
  sendAlerts(stage);
  planClicks(stage);
  const differences: Difference[] = [];
  for (const [entry, { at }] of expected) {
    await simulation.advanceTo(startMs + at);
    differences.push(...story.faults.splice(0), ...(await compare(stage, entry)));
  }
  return { name: test.name, differences, story: story.lines };

  /** The targets that the test declares, and those of its file. */
  function given(key: string, { call }: SimulatedKind<unknown>): GivenTargets<unknown> {
    const declared = new Map(Object.entries({ ...file.targets[key], ...test?.targets[key] }));
    const names = () => [...declared.keys()];
    function find(name: string): unknown {
      if (call !== undefined && !declared.has(name)) {
        // the call alone would fail as if nothing answered there, and the test might pass
        const afterMs = simulation.clock.now() - startMs;
        story.faults.push(undeclared(key, call, name, names(), afterMs));
      }
      return declared.get(name);
    }
    return { find, names };
  }
}

/** The fault of a test whose playbooks call what it does not declare. */
function undeclared(
  key: string,
  { one, undeclared: advice }: SimulatedCall,
  name: string,
  declared: readonly string[],
  afterMs: number,
): Difference {
  return {
    place: [key],
    afterMs,
    what: `the ${one} of ${name} is not declared`,
    lines: [
      `  ${advice}`,
      `- declared: ${declared.length === 0 ? 'none' : declared.join(', ')}`,
      `+ called: ${name}`,
    ],
  };
}
