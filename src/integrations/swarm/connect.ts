import type { DescribedWorld } from '../../monitoring/described-service.js';
import { type Connected, tryConnection } from '../contract/connected.js';
import type { ConnectContext } from '../contract/integration.js';
import { createAnnouncedWatch } from './announced-watch.js';
import { createSwarm, type Swarm } from './client.js';
import { createServiceDeploys, type ServiceDeploys } from './deploys.js';
import { hasNoSocket } from './error.js';
import { createSwarmEvidence } from './evidence.js';
import { createSwarmHistory } from './history.js';
import { createJobSweep } from './job-sweep.js';
import { createSwarmJobs, type SwarmJobs } from './jobs.js';
import type { SwarmNode } from './node-answer.js';
import { createSwarmNodes, type SwarmNodes } from './nodes.js';
import { createServiceWatch } from './service-watch.js';
import { createSwarmWatch } from './swarm-watch.js';
import { createTaskWatch } from './task-watch.js';
import { createSwarmView, type SwarmView } from './view.js';

/** What the environment says about it. */
export interface SwarmSettings {
  /** `DOCKER_HOST`; `undefined`: the socket on this machine. */
  readonly dockerHost: string | undefined;
  /** `DOCKER_CONFIG`: the folder of Docker's `config.json`; `undefined`: Docker's own. */
  readonly dockerConfig?: string | undefined;
}

/** What its actions work through. */
export interface SwarmClients {
  readonly swarm: Swarm;
  readonly nodes: SwarmNodes;
  readonly jobs: SwarmJobs;
  readonly deploys: ServiceDeploys;
}

/** Creates the clients of a Swarm, and what else is done with it besides actions. */
export function connectSwarm(
  { dockerHost, dockerConfig }: SwarmSettings,
  { timeoutMs, secrets, history }: Pick<ConnectContext, 'timeoutMs' | 'secrets' | 'history'>,
): Connected<SwarmClients> {
  const swarm = createSwarm({ dockerHost, timeoutMs });
  const nodes = createSwarmNodes({ dockerHost, timeoutMs });
  const jobs = createSwarmJobs({ dockerHost, dockerConfig, timeoutMs, secrets });
  let view: SwarmView | undefined;
  const countServices = async () => view?.count() ?? (await swarm.countServices());

  return {
    clients: {
      ...{ swarm: { ...swarm, countServices }, nodes, jobs },
      deploys: createServiceDeploys(history),
    },

    check: () =>
      tryConnection(
        'set DOCKER_HOST to a Swarm manager, for example tcp://manager:2376',
        async () => {
          const { engineVersion, apiVersion } = await swarm.check();
          const where = dockerHost ?? 'the default socket';
          return `Docker ${engineVersion} (API ${apiVersion}), a manager, at ${where}`;
        },
      ),

    lists: swarmLists({ swarm, nodes }),

    evidence: createSwarmEvidence({ swarm, nodes }),

    watch({ metrics, clock, log, report, describe, announce, isOver, history }) {
      const sweep = createJobSweep({ jobs, isOver, clock, log });
      const noting = createSwarmHistory({ history, now: clock.now, log });
      const readAgain = (name: string) => view?.readAgain(name);
      const announced =
        announce && createAnnouncedWatch({ swarm, nodes, announce, readAgain, clock, log });
      const onNodes = (all: readonly SwarmNode[]) => {
        noting.seenNodes(all);
        announced?.seenNodes(all);
      };
      const look = createSwarmWatch({ swarm, nodes, metrics, log, onNodes });
      const services = createServiceWatch({ metrics, log, report });
      const onDescribed = (world: DescribedWorld | null) => {
        describe(world);
        announced?.described(world);
      };
      const tasks = createTaskWatch({ swarm, nodes, clock, log, describe: onDescribed });
      const seeing = createSwarmView({
        ...{ swarm, clock, log },
        onSeen(all, changed) {
          services.seen(all);
          noting.seenServices(all);
          announced?.seenServices(all);
          tasks.seen(all, changed);
        },
        onNode: () => announced?.readNodes(),
        onLost() {
          services.lost();
          noting.lost();
          tasks.lost();
        },
      });
      view = seeing;
      return {
        system: 'Docker Swarm',
        async look() {
          await look();
          await sweep();
        },
        isAbsent: (error) => dockerHost === undefined && hasNoSocket(error),
        onLost: seeing.renew,
        async stop() {
          await Promise.all([seeing.stop(), tasks.stop()]);
        },
      };
    },
  };
}

/** Lists the services and the nodes of a Swarm by their names and ids. */
export function swarmLists({
  swarm,
  nodes,
}: {
  readonly swarm: Pick<SwarmClients['swarm'], 'services'>;
  readonly nodes: Pick<SwarmClients['nodes'], 'nodes'>;
}): Connected<SwarmClients>['lists'] {
  const known =
    (kind: string) =>
    ({ id, name }: { readonly id: string; readonly name: string }) => ({
      name,
      ids: [id, `${kind}/${id}`],
    });
  return [
    async () => (await swarm.services()).map(known('swarm.service')),
    async () => (await nodes.nodes()).map(known('swarm.node')),
  ];
}
