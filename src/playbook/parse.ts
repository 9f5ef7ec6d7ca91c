import { hash } from 'node:crypto';
import type { z } from 'zod';
import { sourcesOf } from '../alertmanager/source.js';
import type { AnyAction } from '../integrations/contract/action.js';
import type { Steps } from '../lib/steps.js';
import type { Template } from './expression.js';
import { explainIssues, faultText } from './issue.js';
import type { Playbook, Step } from './playbook.js';
import { byPlace, type PlaybookProblem } from './problem.js';
import { createPlaybookSchema, playbookFaults } from './schema.js';
import { maxDocumentFaults, maxFileFaults } from './size-limits.js';
import { readYaml, type YamlDocument } from './yaml-source.js';

/** A playbook that was read, and the document that it stands in, for naming places in further problems. */
export interface ParsedPlaybook {
  readonly playbook: Playbook;
  readonly document: Pick<YamlDocument, 'problem'>;
}

/** What a file holds: the good playbooks, and the faults of the others. */
export interface ParsedFile {
  readonly parsed: readonly ParsedPlaybook[];
  readonly problems: readonly PlaybookProblem[];
}

/** Reads the playbooks of one file, one YAML document a step. */
export type PlaybookParser = (file: string, text: string) => Steps<ParsedFile>;

/** A parser for playbooks that use these actions. */
export function createPlaybookParser(actions: ReadonlyMap<string, AnyAction>): PlaybookParser {
  const schema = createPlaybookSchema(actions);

  return function* parsePlaybooks(file, text) {
    const problems: PlaybookProblem[] = [];
    const parsed: ParsedPlaybook[] = [];
    for (const document of readYaml(file, text)) {
      yield;
      if (problems.length >= maxFileFaults) {
        const message = 'too many errors: Jidoka did not check the rest of this file';
        problems.push(document.problem({ path: [] }, message));
        break;
      }
      problems.push(...document.problems);
      if (document.value === undefined) continue;
      const result = schema.safeParse(document.value);
      const faults = [
        ...explainIssues(schema, result.error?.issues ?? [], document.value),
        ...playbookFaults(document.value, actions),
      ].slice(0, maxDocumentFaults);
      problems.push(...faults.map((fault) => document.problem(fault, faultText(fault))));
      if (!result.success || faults.length + document.problems.length > 0) continue;
      const { problem } = document;
      const playbook = toPlaybook(result.data, actions, file, document);
      parsed.push({ playbook, document: { problem } });
    }
    problems.sort(byPlace);
    return { parsed, problems };
  };
}

function toPlaybook(
  data: z.infer<ReturnType<typeof createPlaybookSchema>>,
  actions: ReadonlyMap<string, AnyAction>,
  file: string,
  { text }: YamlDocument,
): Playbook {
  const { steps = [], guards, escalate, source, requires, ...rest } = data;
  return {
    ...rest,
    sources: sourcesOf(typeof source === 'string' ? [source] : source),
    saysSource: source !== undefined,
    owner: data.owner,
    when: data.when,
    requires: requires && { deployedWithinMs: requires.deployed_within },
    file,
    hash: hash('sha256', text),
    text,
    steps: steps.map((step) => toStep(step, actions)),
    guards: { cooldownMs: guards.cooldown, limits: guards.limits },
    escalate: { channel: escalate.channel, afterMs: escalate.after, tiers: escalate.then },
  };
}

function toStep(
  data: { settle: number; repeat: number; undo: boolean },
  actions: ReadonlyMap<string, AnyAction>,
): Step {
  const { settle, repeat, undo, ...named } = data;
  const [[name, params] = ['', {}]] = Object.entries(named) as [string, Record<string, Template>][];
  const action = actions.get(name);
  if (action === undefined) throw new Error(`step without an action passed the schema: ${name}`);
  return { action, params, settleMs: settle, repeat, undo };
}
