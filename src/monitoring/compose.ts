import type {
  Automation,
  DescribedService,
  DescribedWorld,
  KnownNode,
  RunningTask,
} from './described-service.js';
import type { Monitoring, MonitoringFault } from './monitoring.js';
import { readMonitoring } from './read-monitoring.js';
import { writeRuleFile } from './rule-file.js';
import type { Shortcuts } from './shortcuts.js';
import { createTargetGroups, type TargetGroup, type TargetSettings } from './target-groups.js';

/** What a service says about its monitoring, and what became of it. */
export interface MonitoredService extends Monitoring {
  readonly id: string;
  readonly name: string;
  /** The replicas that are wanted; `null` for every mode but `replicated`. */
  readonly replicas: number | null;
  readonly automation: Automation;
  /** The addresses of its targets. */
  readonly targets: readonly string[];
}

/** The monitoring of all services. */
export interface ComposedMonitoring {
  /** The rule file of Prometheus. */
  readonly rules: string;
  /** The targets for Prometheus' HTTP service discovery, as JSON. */
  readonly targets: string;
  readonly services: readonly MonitoredService[];
  /** The expressions of all rules, those that Prometheus refuses too. */
  readonly expressions: readonly string[];
}

/** The list of targets has a multiple of so many places. */
const targetPlaces = 64;

/** The monitoring of a service, as it was last read. */
interface Known {
  readonly service: DescribedService;
  readonly monitoring: Monitoring;
}

/**
 * Creates the function that composes it: rules are made again only for services that have changed.
 *
 * @param refusalOf why Prometheus refuses an expression, whose rule is then left out; `undefined`: it does not
 */
export function createComposer(
  shortcuts: Shortcuts,
  settings: TargetSettings,
  refusalOf: (expression: string) => string | undefined = () => undefined,
) {
  const known = new Map<string, Known>();

  let places = 0;

  /**
   * Writes the list of targets. It does not get shorter: a Prometheus that is reloaded while a list shrinks
   * keeps the targets at places that are no longer there (prometheus/prometheus#12689), and each change of
   * rules reloads it. An empty group at such a place removes its target.
   */
  function targetList(groups: readonly TargetGroup[]): string {
    places = Math.max(places, Math.ceil((groups.length + 1) / targetPlaces) * targetPlaces);
    const free = Array.from({ length: places - groups.length }, () => ({
      targets: [],
      labels: {},
    }));
    return JSON.stringify([...groups, ...free]);
  }

  function monitoringOf(service: DescribedService): Monitoring {
    const before = known.get(service.id);
    // as long as it was not read again, it is the same object
    if (before?.service === service) return before.monitoring;
    const isSame =
      before !== undefined && JSON.stringify(before.service) === JSON.stringify(service);
    const monitoring = isSame ? before.monitoring : readMonitoring(service, shortcuts);
    known.set(service.id, { service, monitoring });
    return monitoring;
  }

  return function compose({ services, tasks, nodes }: DescribedWorld): ComposedMonitoring {
    const tasksOf = new Map<string, RunningTask[]>();
    for (const task of tasks) {
      const others = tasksOf.get(task.serviceId);
      if (others === undefined) tasksOf.set(task.serviceId, [task]);
      else others.push(task);
    }
    const nodesById = new Map(nodes.map((node) => [node.id, node]));
    const there = new Set(services.map(({ id }) => id));
    for (const id of known.keys()) if (!there.has(id)) known.delete(id);
    const expressions: string[] = [];
    const byName = [...services].sort((one, other) => (one.name < other.name ? -1 : 1));
    const all = byName.map((service) => {
      const said = monitoringOf(service);
      expressions.push(...said.rules.map(({ expr }) => expr));
      const monitoring = withoutRefused(said);
      const { groups, faults } = targetsOf(
        service,
        monitoring,
        tasksOf.get(service.id) ?? [],
        nodesById,
      );
      const { id, name, replicas = null, automation } = service;
      const targets = groups.map(({ targets: [address] }) => address);
      const about = { id, name, replicas, automation, targets };
      const one = { ...monitoring, ...about, faults: [...monitoring.faults, ...faults] };
      return { one, groups };
    });
    return {
      rules: writeRuleFile(all.map(({ one }) => one)),
      targets: targetList(all.flatMap(({ groups }) => groups)),
      services: all.map(({ one }) => one),
      expressions,
    };
  };

  /** Leaves out the rules whose expressions Prometheus refuses. */
  function withoutRefused(said: Monitoring): Monitoring {
    const refused = said.rules.flatMap(({ alert, expr }): MonitoringFault[] => {
      const refusal = refusalOf(expr);
      if (refusal === undefined) return [];
      return [{ about: alert, detail: `Prometheus refuses the rule ${alert}: ${refusal}` }];
    });
    if (refused.length === 0) return said;
    const rules = said.rules.filter(({ expr }) => refusalOf(expr) === undefined);
    return { ...said, rules, faults: [...said.faults, ...refused] };
  }

  function targetsOf(
    service: DescribedService,
    { scrape }: Monitoring,
    tasks: readonly RunningTask[],
    nodes: ReadonlyMap<string, KnownNode>,
  ) {
    if (scrape === undefined) return { groups: [], faults: [] };
    const { groups, faults } = createTargetGroups(service, scrape, tasks, nodes, settings);
    const about = (detail: string): MonitoringFault => ({ about: 'scrape', detail });
    return { groups, faults: faults.map(about) };
  }
}
