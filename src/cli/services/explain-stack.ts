import type { ActivePlaybooks } from '../../engine/context/context.js';
import type { Explanation, Forecast } from '../../engine/explain/explanation.js';
import type { Question } from '../../engine/explain/question.js';
import { createSimulation } from '../../simulation/simulation.js';
import type { StackService } from './stack-file.js';

/** Bounds in which every size that is assumed lies. */
const wideBounds = { min: 0, max: 1_000 };

/**
 * Creates the function that explains alerts on the services of a stack file, as an engine would that sees a Swarm
 * with them. A target that the file does not define is not known.
 */
export function explainOnStack(
  active: ActivePlaybooks,
  services: readonly StackService[],
  { workerAsg, nowMs }: { readonly workerAsg: string; readonly nowMs: number },
): (question: Question) => Promise<readonly Explanation[]> {
  const known = new Map(services.map((service) => [service.described.name, service]));
  const simulation = createSimulation({
    ...{ active, workerAsg, fleet: services.length, startMs: nowMs },
    given: (key, kind) => ({
      names: () => (key === 'services' ? [...known.keys()] : []),
      find(name) {
        const service = key === 'services' ? known.get(name) : undefined;
        if (service === undefined) {
          return kind.assume({ size: 1, bounds: wideBounds, convergeMs: 0 });
        }
        const { labels, mode, replicas } = service;
        return kind.state.parse({ labels, mode, replicas });
      },
    }),
  });
  return async (question) =>
    (await simulation.explain(question)).map((explanation) => ({
      ...explanation,
      forecasts: explanation.forecasts.map(onlyKnown),
    }));

  /** A size that was assumed proves nothing. */
  function onlyKnown(forecast: Forecast): Forecast {
    const target = forecast.steps[0]?.target ?? null;
    if (target === null || known.has(target)) return forecast;
    const detail = `the stack file does not define ${target}`;
    return { ...forecast, fate: 'unknown', reason: 'target_unavailable', detail, steps: [] };
  }
}
