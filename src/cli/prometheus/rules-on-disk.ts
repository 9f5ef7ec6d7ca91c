import { copyFile, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parse } from 'yaml';
import { messageOf } from '../../lib/errors.js';
import type { AlertRule } from '../../monitoring/monitoring.js';
import { type RuleGroup, writeRuleFile } from '../../monitoring/rule-file.js';

/** A rule and the group, which is the service, that it belongs to. */
export interface GroupedRule {
  readonly service: string;
  readonly rule: AlertRule;
  /** The same for the same rule of the same service. */
  readonly key: string;
}

/**
 * Reads the rules of a file in our own form.
 *
 * @throws an error for people where it is none.
 */
export function readRules(text: string): readonly GroupedRule[] {
  const file = parse(text) as { readonly groups?: readonly RuleGroup[] } | null;
  if (!Array.isArray(file?.groups)) throw new Error('expected a rule file with groups');
  return (file.groups as readonly RuleGroup[]).flatMap(({ name, rules }) =>
    rules.map((given) => {
      const rule = { ...given, labels: given.labels ?? {}, annotations: given.annotations ?? {} };
      return { service: name, rule, key: JSON.stringify([name, rule]) };
    }),
  );
}

/** Writes rules as a file, each in the group of its service. */
export function ruleFileOf(rules: readonly GroupedRule[]): string {
  const groups = new Map<string, AlertRule[]>();
  for (const { service, rule } of rules) {
    const others = groups.get(service);
    if (others === undefined) groups.set(service, [rule]);
    else others.push(rule);
  }
  return writeRuleFile([...groups].map(([name, rules]) => ({ name, rules })));
}

/**
 * The rule file that Prometheus reads. While rules are tried, what it held before stands beside it, so that
 * whatever ends in between, a Prometheus that starts does so with rules that it takes.
 */
export function createRulesOnDisk(path: string) {
  const goodPath = `${path}.last-good`;
  const temporary = `${path}.new`;

  /** Replaces the file in one step. */
  async function write(text: string): Promise<void> {
    const file = await open(temporary, 'w', 0o644);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    const folder = await open(dirname(path));
    await folder.sync().catch(() => {});
    await folder.close();
  }

  async function read(): Promise<string | undefined> {
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new Error(`--rules-file: ${messageOf(error)}`);
    }
  }

  /** Puts back what the file held before a trial that did not end. */
  async function restore(): Promise<void> {
    await rename(goodPath, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }

  return {
    write,
    restore,

    /** The rules that Prometheus took last; none where there is no file, or one of someone else. */
    async readGood(): Promise<readonly GroupedRule[]> {
      await restore();
      const text = await read();
      try {
        return text === undefined ? [] : readRules(text);
      } catch {
        return [];
      }
    },

    /** Keeps what the file holds until `endTrial`. */
    async beginTrial(): Promise<void> {
      if ((await read()) === undefined) await write(ruleFileOf([]));
      await copyFile(path, `${goodPath}.new`);
      await rename(`${goodPath}.new`, goodPath);
    },

    /** Says that Prometheus takes what the file holds. */
    async endTrial(): Promise<void> {
      await rm(goodPath, { force: true });
    },
  };
}
