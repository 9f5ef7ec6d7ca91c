import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Alert } from '../../alert/alert.js';
import { readGivenAlerts } from '../../alert/given-alerts.js';
import { InputError, messageOf } from '../../errors.js';
import { formatProblem } from '../../playbook/problem.js';
import { readYaml } from '../../playbook/yaml-source.js';
import { UsageError } from '../command.js';
import { readPairs } from '../fire/labels.js';

/** The alerts that a person asks about. */
export interface Given {
  readonly alerts: readonly Alert[];
  /** The same as they were given, for an engine to read. */
  readonly body: unknown;
}

/**
 * Reads the alerts of a call: from a file (`-`: standard input), or from words such as `service=web`.
 *
 * @throws UsageError for both or none of them, InputError for what holds no alert, and what reading throws.
 */
export async function readGiven(
  file: string | undefined,
  words: readonly string[],
): Promise<Given> {
  if ((file === undefined) === (words.length === 0)) {
    throw new UsageError('expected an alert: either labels such as service=web, or --alert FILE');
  }
  const body = file === undefined ? readPairs(words, 'label') : await readBody(file);
  try {
    return { alerts: readGivenAlerts(body, Date.now()), body };
  } catch (error) {
    if (!(error instanceof InputError) || file === undefined) throw error;
    throw new InputError(`${nameOf(file)}: ${error.message}`, error.path);
  }
}

async function readBody(file: string): Promise<unknown> {
  const source = await readSource(file);
  const documents = readYaml(nameOf(file), source);
  const [problem] = documents.flatMap(({ problems }) => problems);
  if (problem !== undefined) throw new InputError(formatProblem(problem), file);
  const [first, ...others] = documents;
  if (first === undefined)
    throw new InputError(`${nameOf(file)}: expected an alert, it is empty`, file);
  if (others.length > 0) {
    throw new InputError(`${nameOf(file)}: expected one document, got ${documents.length}`, file);
  }
  return first.value;
}

function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file;
}

async function readSource(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new InputError(`--alert: ${file} cannot be read: ${messageOf(error)}`, file);
  }
}
