import type { Labels } from '../../alertmanager/alert.js';
import type { Alertmanager } from '../../alertmanager/alertmanager.js';
import type { GivenAlert } from '../../alertmanager/given-alerts.js';
import type { RefusedRule } from '../../ledger/prometheus-files.js';
import type { Clock } from '../../lib/clock.js';
import { messageOf } from '../../lib/errors.js';
import type { MonitoredService } from '../../monitoring/compose.js';
import type { AlertRule } from '../../monitoring/monitoring.js';
import type { LoadedRule, Sending } from '../../prometheus/monitoring-answer.js';
import type { Prometheus } from '../../prometheus/prometheus.js';
import type { Explanation } from '../explain/explanation.js';
import type { Question } from '../explain/question.js';
import { type DecisionLinks, decisionLinks } from './decision-links.js';
import {
  type Link,
  type LinkName,
  type LinkState,
  linkNames,
  notChecked,
  type Reading,
  readingOf,
  worstOf,
} from './link.js';
import { loadedRule, ruleLink, scrapeLink } from './prometheus-links.js';
import { createRouteCheck } from './route-link.js';

/** The chain of one alert: whether it reaches a playbook that may act. */
export interface Proof {
  readonly alert: string;
  /** The labels that were tried: those of series of the expression, or of the rule alone. */
  readonly tried: 'series' | 'rule';
  readonly links: readonly Link[];
}

/** So many series of an alert are tried. */
const maxTried = 3;
/** So many alerts are explained in one question. */
const perQuestion = 25;
/** What is not explained by then is not checked. */
const explainWithinMs = 20_000;

/** What the prover asks. */
export interface ProverParts {
  readonly prometheuses: readonly Prometheus[];
  readonly alertmanagers: readonly Alertmanager[];
  /** `ALERTMANAGER_RECEIVER` */
  readonly receiver: string | undefined;
  readonly explain: (question: Question) => Promise<readonly Explanation[]>;
  readonly clock: Clock;
  /** Why neither Prometheus nor Alertmanager is asked (default: the settings that are missing). */
  readonly unasked?: string;
}

/** Proves the chains of services, in their order, each with those of its alerts. Never throws. */
export type Prove = (
  services: readonly MonitoredService[],
  refused: readonly RefusedRule[],
) => Promise<readonly (readonly Proof[])[]>;

interface Trial {
  readonly labels: Labels;
  readonly annotations: Labels;
}

/**
 * Creates the prover. For all services together it reads the targets, the rules and the way of the alerts of
 * each Prometheus once, and the configuration of each Alertmanager once. The series of an expression are the
 * alerts that Prometheus lists with its rule, so no expression is evaluated for it.
 */
export function createProver(parts: ProverParts): Prove {
  const { prometheuses, alertmanagers, receiver, explain, clock, unasked } = parts;
  const noPrometheus = unasked ?? 'PROMETHEUS_URL is not set';
  const noAlertmanager = unasked ?? 'ALERTMANAGER_URL is not set';

  return async function prove(services, refused) {
    const groups = services.flatMap(({ name, rules }) => (rules.length > 0 ? [name] : []));
    const ofEach = <T>(read: (one: Prometheus) => Promise<T>) =>
      Promise.all(prometheuses.map((one) => readingOf(() => read(one))));
    const [targets, rules, sending, members] = await Promise.all([
      services.some(({ scrape }) => scrape !== undefined) ? ofEach((one) => one.targets()) : [],
      groups.length > 0 ? ofEach((one) => one.loadedRules(groups)) : [],
      groups.length > 0 ? ofEach((one) => one.sending()) : [],
      Promise.all(
        groups.length > 0
          ? alertmanagers.map((one) => readingOf(async () => (await one.status()).config))
          : [],
      ),
    ]);
    const routeOf = createRouteCheck(members, sending, receiver, noAlertmanager);
    const external = externalLabels(sending);
    const tried = services.map(({ name, rules: own }) =>
      own.map((rule) => trialsOf(name, rule, rules, external)),
    );
    const decided = await decide(tried.flat().flatMap(({ trials }) => trials));

    return services.map((service, index) => {
      const scrape = scrapeLink(service, targets, noPrometheus);
      return service.rules.map((rule, place): Proof => {
        const { trials, from } = tried[index]?.[place] ?? { trials: [], from: 'rule' as const };
        const found = trials.map((trial) => decided.get(trial)).filter((one) => one !== undefined);
        const links: Record<LinkName, LinkState> = {
          scrape,
          rule: ruleLink(service.name, rule.alert, refused, rules, noPrometheus),
          route: worstOf(trials.map(({ labels }) => routeOf(labels))),
          playbook: worstOf(found.map(({ playbook }) => playbook)),
          target: worstOf(found.map(({ target }) => target)),
          mode: worstOf(found.map(({ mode }) => mode)),
        };
        return {
          alert: rule.alert,
          tried: from,
          links: linkNames.map((name) => ({ name, ...links[name] })),
        };
      });
    });
  };

  /** Asks what would be done about each. What cannot be answered is not checked. */
  async function decide(trials: readonly Trial[]): Promise<ReadonlyMap<Trial, DecisionLinks>> {
    const decided = new Map<Trial, DecisionLinks>();
    const untilMs = performance.now() + explainWithinMs;
    let fault: string | undefined;
    for (let from = 0; from < trials.length; from += perQuestion) {
      const some = trials.slice(from, from + perQuestion);
      if (performance.now() > untilMs)
        fault ??= 'there was no time left to try it; ask for less services';
      const explanations = fault === undefined ? await ask(some) : [];
      for (const [index, trial] of some.entries()) {
        const explanation = explanations[index];
        decided.set(
          trial,
          explanation === undefined ? undecided(fault ?? 'no answer') : decisionLinks(explanation),
        );
      }
    }
    return decided;

    async function ask(some: readonly Trial[]): Promise<readonly Explanation[]> {
      try {
        return await explain({ alerts: some.map(given), all: false });
      } catch (error) {
        fault = messageOf(error);
        return [];
      }
    }
  }

  function given({ labels, annotations }: Trial): GivenAlert {
    return {
      status: 'firing',
      source: 'alertmanager',
      labels,
      annotations,
      startsAtMs: clock.now(),
      endsAtMs: null,
      generatorUrl: '',
      fingerprint: '',
    };
  }
}

function undecided(fault: string): DecisionLinks {
  const link = notChecked(fault);
  return { playbook: link, target: link, mode: link };
}

function externalLabels(sending: readonly Reading<Sending>[]): Labels {
  const [first] = sending.flatMap((one) => ('value' in one ? [one.value] : []));
  return first?.externalLabels ?? {};
}

/** The alerts that the rule has at present, else one with the labels of the rule alone. */
function trialsOf(
  service: string,
  { alert, labels, annotations }: AlertRule,
  readings: readonly Reading<readonly LoadedRule[]>[],
  external: Labels,
): { readonly from: Proof['tried']; readonly trials: readonly Trial[] } {
  const active = readings.flatMap((one) =>
    'value' in one ? (loadedRule(one.value, service, alert)?.alerts ?? []) : [],
  );
  if (active.length > 0) {
    const trials = active.slice(0, maxTried).map((own) => ({
      labels: { ...external, ...own, alertname: alert },
      annotations,
    }));
    return { from: 'series', trials };
  }
  // what a template becomes is known to Prometheus alone
  const known = Object.entries(labels).filter(([, value]) => !value.includes('{{'));
  const own = { ...external, ...Object.fromEntries(known), alertname: alert };
  return { from: 'rule', trials: [{ labels: own, annotations }] };
}
