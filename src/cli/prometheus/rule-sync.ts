import type { Logger } from '../../lib/logger.js';
import type { EngineRules } from './engine-rules.js';
import { isolate } from './isolate.js';
import type { PrometheusClient } from './prometheus-client.js';
import {
  type createRulesOnDisk,
  type GroupedRule,
  readRules,
  ruleFileOf,
} from './rules-on-disk.js';

/** How often the engine is told again which rules are refused. */
const reportEveryMs = 120_000;

/** What the synchronization works with. */
export interface RuleSyncParts {
  readonly engine: EngineRules;
  readonly prometheus: PrometheusClient;
  readonly disk: ReturnType<typeof createRulesOnDisk>;
  readonly now: () => number;
  readonly log: Logger;
}

/**
 * Keeps the rule file of a Prometheus to what the engine gives. Rules that Prometheus refuses are left out
 * and reported to the engine; those that it took stay while the engine does not answer.
 */
export function createRuleSync({ engine, prometheus, disk, now, log }: RuleSyncParts) {
  /** What Prometheus took; `undefined`: the file has not been read yet. */
  let good: readonly GroupedRule[] | undefined;
  /** Why Prometheus refuses a rule, by its key. */
  let refused = new Map<string, string>();
  let wanted: readonly GroupedRule[] = [];
  /** The version of the engine's rules that is in force. */
  let tag: string | undefined;
  let reportedAtMs = Number.NEGATIVE_INFINITY;

  /** Looks once. @throws an error for people where the engine or Prometheus does not answer. */
  return async function look(): Promise<void> {
    good ??= await disk.readGood();
    const given = await engine.read(tag);
    if (given.text !== undefined) {
      wanted = readRules(given.text);
      await bring(wanted);
      tag = given.tag;
      reportedAtMs = Number.NEGATIVE_INFINITY;
    }
    if (now() - reportedAtMs < reportEveryMs) return;
    await engine.report(
      wanted.flatMap(({ key, service, rule: { alert } }) => {
        const error = refused.get(key);
        return error === undefined ? [] : [{ service, alert, error }];
      }),
    );
    reportedAtMs = now();
  };

  /** Brings Prometheus to these rules, as far as it takes them. */
  async function bring(rules: readonly GroupedRule[]): Promise<void> {
    const before = good ?? [];
    const had = new Set(before.map(({ key }) => key));
    const asked = rules.filter(({ key }) => !refused.has(key));
    const taken = asked.filter(({ key }) => had.has(key));
    const added = asked.filter(({ key }) => !had.has(key));
    let isLastTaken = false;
    await disk.beginTrial();
    try {
      const found = await isolate(taken, added, async (some) => {
        await disk.write(ruleFileOf(some));
        isLastTaken = await prometheus.reload();
        return isLastTaken;
      });
      if (found === null) {
        throw new Error(
          'Prometheus refuses to reload even without rules of the engine; see its log, and correct its configuration',
        );
      }
      await disk.write(ruleFileOf(found.loaded));
      if (!isLastTaken) await prometheus.reload();
      await disk.endTrial();
      good = found.loaded;
      await remember(rules, found.refused);
      log.info({ rules: found.loaded.length, refused: refused.size }, 'rules loaded');
    } catch (error) {
      await disk.restore();
      throw error;
    }
  }

  async function remember(
    rules: readonly GroupedRule[],
    found: readonly GroupedRule[],
  ): Promise<void> {
    const still = new Map(
      rules.flatMap(({ key }) => {
        const error = refused.get(key);
        return error === undefined ? [] : [[key, error] as const];
      }),
    );
    for (const { key, service, rule } of found) {
      const error =
        (await prometheus.faultOf(rule.expr)) ??
        'it parses the expression; check the templates in labels and annotations, and the log of Prometheus';
      still.set(key, error);
      log.warn({ service, alert: rule.alert, error }, 'rule refused by Prometheus');
    }
    refused = still;
  }
}
