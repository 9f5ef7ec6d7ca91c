import type { Ledger } from '../../ledger/ledger.js';
import {
  type RefusedRule,
  readPrometheusFile,
  readRefusedRules,
} from '../../ledger/prometheus-files.js';
import type { MonitoredService } from '../../monitoring/compose.js';
import type { AlertRule } from '../../monitoring/monitoring.js';
import type { Proof, Prove } from './prove.js';

/** A service with what it says and the chains of its alerts. */
export interface ProvenService extends Omit<MonitoredService, 'rules'> {
  readonly alerts: readonly ProvenAlert[];
}

/** An alert of a service and its chain. */
export interface ProvenAlert extends AlertRule, Pick<Proof, 'tried' | 'links'> {
  /** Why Prometheus refuses the rule; `null`: no refusal was reported. */
  readonly refused: string | null;
}

/** Which services are wanted. */
export interface ServiceQuery {
  /** All of these words occur in what a service says; empty: every service. */
  readonly words: string;
  /** Those after the service of this name. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Some services, by name. */
export interface ServicePage {
  readonly items: readonly ProvenService[];
  /** The name to go on after; `null` at the end. */
  readonly next: string | null;
  /** How many match in all. */
  readonly total: number;
}

/** The services that say something about their monitoring or automation, as a worker last saw them. */
export interface ServiceList {
  /** Returns some of them; `null` while no worker sees the services. Throws what Redis throws. */
  page(query: ServiceQuery): Promise<ServicePage | null>;
  /** Returns one; `undefined`: there is none, or it says nothing. */
  one(name: string): Promise<ProvenService | null | undefined>;
}

/** A proof counts for so long: many may look at the same page. */
const provenForMs = 5_000;
const maxProven = 50;

/** Creates the list. Only the services that are asked for are proven. */
export function createServiceList({
  ledger,
  prove,
}: {
  readonly ledger: Pick<Ledger, 'keys' | 'redis'>;
  readonly prove: Prove;
}): ServiceList {
  let known: { readonly tag: string; readonly services: readonly MonitoredService[] } | undefined;
  const proven = new Map<
    string,
    { readonly atMs: number; readonly items: Promise<readonly ProvenService[]> }
  >();

  /** The services by name; `null` while no worker sees them. */
  async function read(): Promise<typeof known | null> {
    const file = await readPrometheusFile(ledger, 'services', known?.tag);
    if (file === null) return null;
    if (file.text !== undefined) {
      const all = JSON.parse(file.text) as readonly MonitoredService[];
      known = { tag: file.tag, services: all.filter(saysSomething) };
    }
    return known;
  }

  function provenOf(tag: string, wanted: readonly MonitoredService[]) {
    const key = JSON.stringify([tag, ...wanted.map(({ name }) => name)]);
    const before = proven.get(key);
    const nowMs = performance.now();
    if (before !== undefined && before.atMs + provenForMs > nowMs) return before.items;
    proven.delete(key);
    const items = proveAll(wanted);
    proven.set(key, { atMs: nowMs, items });
    items.catch(() => proven.delete(key));
    for (const [other, { atMs }] of proven) {
      if (proven.size <= maxProven && atMs + provenForMs > nowMs) break;
      proven.delete(other);
    }
    return items;
  }

  async function proveAll(wanted: readonly MonitoredService[]): Promise<readonly ProvenService[]> {
    return proveServices(prove, wanted, await readRefusedRules(ledger));
  }

  return {
    async page({ words, after, limit }) {
      const all = await read();
      if (all == null) return null;
      const found = all.services.filter((service) => isAbout(service, words));
      const begin = after === undefined ? 0 : found.findIndex(({ name }) => name > after);
      const rest = begin < 0 ? [] : found.slice(begin);
      const items = await provenOf(all.tag, rest.slice(0, limit));
      const next = rest.length > limit ? (items.at(-1)?.name ?? null) : null;
      return { items, next, total: found.length };
    },

    async one(name) {
      const all = await read();
      if (all == null) return null;
      const found = all.services.find((service) => service.name === name);
      return found && (await provenOf(all.tag, [found]))[0];
    },
  };
}

/** Proves services, and puts the chains to their alerts. */
export async function proveServices(
  prove: Prove,
  services: readonly MonitoredService[],
  refused: readonly RefusedRule[],
): Promise<readonly ProvenService[]> {
  const proofs = await prove(services, refused);
  return services.map(({ rules, ...service }, index) => ({
    ...service,
    alerts: rules.flatMap((rule, place) => {
      const proof = proofs[index]?.[place];
      if (proof === undefined) return [];
      const { tried, links } = proof;
      return { ...rule, refused: refusalOf(refused, service.name, rule.alert), tried, links };
    }),
  }));
}

function refusalOf(all: readonly RefusedRule[], service: string, alert: string): string | null {
  return all.find((one) => one.service === service && one.alert === alert)?.error ?? null;
}

/** Whether a service says anything about its monitoring or how it may be changed. */
export function saysSomething({ scrape, rules, faults, automation }: MonitoredService): boolean {
  const { enabled, min, max, mode, owner } = automation;
  const isMonitored = scrape !== undefined || rules.length + faults.length > 0;
  const said = [min, max, mode, owner].some((one) => one !== null);
  return isMonitored || said || !enabled || automation.faults.length > 0;
}

function isAbout({ name, rules, faults, automation }: MonitoredService, words: string): boolean {
  const { owner, mode } = automation;
  const texts = [
    name,
    owner,
    mode,
    ...rules.map(({ alert }) => alert),
    ...faults.map(({ about }) => about),
  ];
  const text = texts.join('\n').toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
