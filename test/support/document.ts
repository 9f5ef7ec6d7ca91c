import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { jobsSchema } from '../../src/playbook/job-schema.js';
import { policySchema } from '../../src/playbook/policy-schema.js';

/** A fenced block of a document. */
export interface Block {
  /** What follows the fence: `sh`, `yaml`, …; empty if nothing does. */
  readonly language: string;
  readonly text: string;
  /** The line of its fence, from 1. */
  readonly line: number;
  /** Why no test runs or checks it, from a comment `<!-- not run: … -->` before it. */
  readonly notRun: string | undefined;
}

const fenced = /^(?: *<!-- not run: (.+) -->\n)?( *)```(\S*)\n([\s\S]*?)^\2```$/gm;

/** The fenced blocks of a document, in their order and without their indent. */
export function blocksOf(document: string): Block[] {
  const page = readFileSync(new URL(`../../${document}`, import.meta.url), 'utf8');
  return [...page.matchAll(fenced)].map((found) => {
    const [, notRun, indent = '', language = '', text = ''] = found;
    return {
      language,
      text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      line: page.slice(0, found.index).split('\n').length + (notRun === undefined ? 0 : 1),
      notRun,
    };
  });
}

/** The text of a document's block that contains `part`. */
export function documentBlock(document: string, language: string, part: string): string {
  const found = blocksOf(document).find(
    (block) => block.language === language && block.text.includes(part),
  );
  if (found === undefined) throw new Error(`${document} has no ${language} block with ${part}`);
  return found.text;
}

/** All documents for readers: paths below the repository's root. */
export function allDocuments(): string[] {
  const root = new URL('../../', import.meta.url);
  const markdown = (folder: string, recursive: boolean) =>
    readdirSync(new URL(folder, root), { recursive, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md') && !name.startsWith('.vitepress'))
      .map((name) => `${folder}${name}`);
  return [...markdown('', false), ...markdown('docs/', true)];
}

/** What a YAML block is for, by its keys; `undefined`: nothing that the tests know. */
export function kindOf({ text }: Block) {
  const data: unknown = parse(text);
  const has = (...keys: string[]) =>
    typeof data === 'object' && data !== null && keys.some((key) => key in data);
  if (has('tests')) return 'playbook test';
  if (has('match')) return 'playbook';
  if (has('jobs') && !has('match', 'tests', 'http', 'bounds')) {
    // the policy has a key of that name too
    const { jobs } = data as { readonly jobs: unknown };
    return jobsSchema.safeParse({ jobs }).success ? 'jobs' : 'policy';
  }
  if (has('groups')) return 'rules';
  if (has('route')) return 'alertmanager';
  if (has('alerting', 'scrape_configs')) return 'prometheus';
  if (has('services')) return 'stack';
  if (has('display_information')) return 'slack';
  if (has('alertname')) return 'alert';
  if (has(...Object.keys(policySchema.shape))) return 'policy';
  return undefined;
}
