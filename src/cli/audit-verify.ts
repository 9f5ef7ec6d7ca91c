import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Config } from '../config.js';
import { InputError } from '../errors.js';
import { timeOf } from '../ledger/audit-block.js';
import type { AuditFault } from '../ledger/audit-fault.js';
import { type AuditKeys, auditKeys, readAuditKeys } from '../ledger/audit-key.js';
import { fromJsonLine } from '../ledger/audit-lines.js';
import type { TrailItem } from '../ledger/audit-trail.js';
import type { AuditVerified } from '../ledger/audit-verifier.js';
import { verifyLedger, verifyPiece } from '../ledger/audit-verify.js';
import { visitLedger } from './visit.js';

/** `jidoka audit verify`: says what fits, or what is the first that does not. Gives back the exit code. */
export async function verifyTrail(config: Config, file: string | undefined): Promise<number> {
  try {
    const result = await (file === undefined ? inLedger(config) : inFile(config, file));
    process.stdout.write(`${describe(result)}\n`);
    return result.kind === 'verified' ? 0 : 1;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    process.stdout.write(`DOES NOT FIT: ${error.message}\n`);
    return 1;
  }
}

function inLedger(config: Config): Promise<AuditFault | AuditVerified> {
  return visitLedger(config, async (ledger) =>
    verifyLedger(ledger, await readAuditKeys(ledger, config.auditKeys)),
  );
}

/** The key kept in Redis, if that is what sealed the file, has to be asked for there. */
async function inFile(config: Config, file: string): Promise<AuditFault | AuditVerified> {
  const keys: AuditKeys =
    config.auditKeys.length > 0
      ? auditKeys(config.auditKeys, null)
      : await visitLedger(config, (ledger) => readAuditKeys(ledger, []));
  return verifyPiece(keys, itemsOf(file));
}

async function* itemsOf(file: string): AsyncGenerator<TrailItem> {
  const input = file === '-' ? process.stdin : (await open(file)).createReadStream();
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (line !== '') yield fromJsonLine(line, number);
  }
}

function describe(result: AuditFault | AuditVerified): string {
  if (result.kind === 'fault') {
    const { of, how, entry, expected } = result;
    const what = of === 'record' ? how : `the ${nameOf[of]} was ${how}`;
    return `DOES NOT FIT: record ${entry} (${dateOf(entry)}): ${what}; expected ${expected}`;
  }
  const { records, blocks, first, last, unsealed, weakBlocks } = result;
  const span = first === null || last === null ? '' : `, from ${dateOf(first)} to ${dateOf(last)}`;
  const lines = [
    `verified: ${count(records, 'record')} in ${count(blocks, 'block')}${span}`,
    `not sealed yet: ${count(unsealed, 'record')}`,
  ];
  if (weakBlocks > 0) {
    lines.push(
      `${count(weakBlocks, 'block')} sealed with the key kept in Redis: that shows accidents, but not forgery by somebody who holds Redis (set JIDOKA_AUDIT_KEY)`,
    );
  }
  return lines.join('\n');
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
