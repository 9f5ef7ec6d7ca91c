import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { type Config, readConfig } from '../app/config.js';
import { timeOf } from '../audit/block.js';
import type { AuditFault } from '../audit/fault.js';
import { auditKeys } from '../audit/key.js';
import { fromJsonLine } from '../audit/lines.js';
import type { TrailItem } from '../audit/trail.js';
import type { AuditVerified } from '../audit/verifier.js';
import { verifyLedger, verifyPiece } from '../audit/verify.js';
import { InputError, messageOf } from '../lib/errors.js';
import { visible } from '../lib/visible.js';
import { type Output, write, writeJson } from './output.js';
import { UsageError } from './usage-error.js';
import { visitLedger } from './visit.js';

/** The options of `jidoka audit verify`. */
export interface AuditVerifyOptions {
  readonly file?: string | undefined;
  readonly output: Output;
}

/** `jidoka audit verify`: says whether the trail is unchanged, or the first change. Returns the exit code. */
export async function auditVerify(
  { file, output }: AuditVerifyOptions,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const config = readConfig(env);
  const result = await verified(config, file);
  const isSound = result.kind === 'verified' && !isUnsealed(result, config);
  if (output === 'json') await writeJson({ ok: isSound, ...result });
  else await write(`${describe(result, config)}\n`);
  return isSound ? 0 : 1;
}

async function verified(config: Config, file: string | undefined) {
  try {
    return await (file === undefined ? inLedger(config) : inFile(config, file));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { kind: 'unreadable' as const, detail: error.message };
  }
}

function inLedger(config: Config): Promise<AuditFault | AuditVerified> {
  return visitLedger(config, (ledger) => verifyLedger(ledger, auditKeys(config.auditKeys)));
}

function inFile(config: Config, file: string): Promise<AuditFault | AuditVerified> {
  return verifyPiece(auditKeys(config.auditKeys), itemsOf(file));
}

/** Whether nothing could be verified, because there is no block and no key to seal one with. */
function isUnsealed({ blocks }: AuditVerified, { auditKeys }: Config): boolean {
  return blocks === 0 && auditKeys.length === 0;
}

async function opened(file: string) {
  try {
    return await open(file);
  } catch (error) {
    throw new UsageError(`--file: ${messageOf(error)}`);
  }
}

async function* itemsOf(file: string): AsyncGenerator<TrailItem> {
  const input = file === '-' ? process.stdin : (await opened(file)).createReadStream();
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (line !== '') yield fromJsonLine(line, number);
  }
}

function describe(result: Awaited<ReturnType<typeof verified>>, config: Config): string {
  if (result.kind === 'unreadable') return `DOES NOT FIT: ${visible(result.detail)}`;
  if (result.kind === 'fault') {
    const { of, how, entry, expected } = result;
    const what = of === 'record' ? how : `the ${nameOf[of]} was ${how}`;
    return `DOES NOT FIT: record ${entry} (${dateOf(entry)}): ${what}; expected ${expected}`;
  }
  const { records, blocks, first, last, unsealed } = result;
  if (isUnsealed(result, config)) {
    return `NOT SEALED: ${count(unsealed, 'record')}, and nothing shows whether they were changed; set JIDOKA_AUDIT_KEY to seal the trail`;
  }
  const span = first === null || last === null ? '' : `, from ${dateOf(first)} to ${dateOf(last)}`;
  return [
    `verified: ${count(records, 'record')} in ${count(blocks, 'block')}${span}`,
    `not sealed yet: ${count(unsealed, 'record')}`,
  ].join('\n');
}

const nameOf = {
  block: 'block that seals it',
  head: 'signed end of the chain',
  checkpoint: 'signed beginning of the chain',
};

function dateOf(entry: string): string {
  const ms = timeOf(entry);
  return ms <= 8.64e15 ? new Date(ms).toISOString() : 'at no time';
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
