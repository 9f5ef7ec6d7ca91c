import type { Done, Observation } from '../contract/action.js';
import type { Change } from '../contract/change.js';
import type { Effect } from '../contract/effect.js';
import type { Swarm } from './client.js';
import { createSwarmRestart } from './restart.js';
import type { ServiceState } from './service-change.js';

/** A service's own rollout sets its pace; a long one takes its time. */
const withinMs = 60 * 60_000;

/** The label of services that are to be spread again when nodes have joined. (docker-scaler) */
export const rescheduleLabel = 'com.df.reschedule=true';

/** How actions of several changes restart services, each as `swarm.restart` does it. */
export function createRestarting({ swarm }: { readonly swarm: Swarm }) {
  const restart = createSwarmRestart({ swarm });
  const none = { min: undefined, max: undefined };
  const effect: Effect = { withinMs, apply: restart.apply, verify: restart.verify };

  /** What is to be done with a service now; `refused` is for good. */
  const planFor = (service: Observation<ServiceState>) =>
    restart.plan({ service: service.target.name }, service, none);

  return {
    effect,
    observe: restart.observe,
    plan: planFor,

    /** The services of a label that have tasks to spread, in the order of their names. */
    async labelled(label: string): Promise<readonly Observation<ServiceState>[]> {
      const services = (await swarm.servicesLabelled(label))
        .filter(({ mode, replicas }) => mode === 'replicated' && replicas !== 0)
        .sort((one, other) => (one.name < other.name ? -1 : 1));
      return Promise.all(services.map(({ id }) => restart.observe({ service: id })));
    },

    /** The change that restarts a service; `undefined`: its owner keeps Jidoka away, or it cannot be restarted. */
    next(
      service: Observation<ServiceState>,
    ): Change | { kind: 'wait'; detail: string } | undefined {
      const plan = planFor(service);
      return plan.kind === 'change' || plan.kind === 'wait' ? plan : undefined;
    },

    ownersWish,

    /**
     * The next of several services, one at a time. A service that is in the middle of a rollout is left, or
     * whose owner keeps Jidoka away or wants to be asked first; `left` says so.
     *
     * @param isNamed the step names the service, so that its owner's wish was heeded when that began
     */
    nextOf(
      services: readonly Observation<ServiceState>[],
      done: readonly Done[],
      isNamed = false,
    ): Change | { readonly kind: 'over'; readonly left: readonly string[] } {
      const left: string[] = [];
      for (const service of services) {
        if (done.some(({ change }) => change.target.id === service.target.id)) continue;
        const wish = isNamed ? undefined : ownersWish(service);
        const plan = planFor(service);
        if (wish === undefined && plan.kind === 'change') return plan;
        left.push(plan.kind === 'change' ? (wish ?? '') : plan.detail);
      }
      return { kind: 'over', left };
    },
  };
}

/** What keeps a service from being restarted as one of many, where no person is asked about each; `undefined`: nothing. */
function ownersWish({ target, state }: Observation<ServiceState>): string | undefined {
  const { mode } = state.settings;
  if (mode === undefined || mode === 'auto') return undefined;
  return `service ${target.name} is labelled jidoka.mode=${mode}`;
}

/** What became of the services that were restarted, in a sentence. */
export function describeRestarted(done: readonly Done[], left: readonly string[]): string {
  const names = done
    .filter(({ change }) => isService(change))
    .map(({ change }) => change.target.name);
  const said = names.length === 0 ? 'no service to rebalance' : `rebalanced: ${names.join(', ')}`;
  return [said, ...left.map((why) => `not rebalanced: ${why}`)].join('; ');
}

function isService({ target }: Change): boolean {
  return target.id.startsWith('swarm.service/');
}
