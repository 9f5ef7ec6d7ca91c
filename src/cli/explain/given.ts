import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { type GivenAlert, readGivenAlerts } from '../../alertmanager/given-alerts.js';
import { InputError, messageOf } from '../../lib/errors.js';
import { formatProblem } from '../../playbook/problem.js';
import { readYaml } from '../../playbook/yaml-source.js';
import { readPairs } from '../fire/labels.js';
import { UsageError } from '../usage-error.js';

/** The alerts that a person asks about. */
export interface Given {
  readonly alerts: readonly GivenAlert[];
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
  const json = tryJson(source);
  if (json !== undefined) return json;
  const documents = [...readYaml(nameOf(file), source)];
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

/** Payloads of Alertmanager are JSON, and may be larger than what people write. */
function tryJson(source: string): unknown {
  try {
    return JSON.parse(source) as unknown;
  } catch {
    return undefined;
  }
}

function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file;
}

async function readSource(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--alert: ${messageOf(error)}`);
  }
}
