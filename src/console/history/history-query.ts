import { z } from 'zod';
import type { Disposition } from '../../ledger/episode.js';
import { type Reason, reasons } from '../../ledger/reason.js';
import { fates } from '../alert/disposition.js';

const day = z
  .string()
  .regex(/^(\d{4}-\d{2}-\d{2})?$/)
  .default('')
  .catch('');

/** What is asked for in the address of the page; what cannot be read counts as not asked. */
export const historyQuerySchema = z.object({
  q: z.string().max(500).default('').catch(''),
  playbook: z.string().trim().max(255).default('').catch(''),
  fate: z
    .enum(['', ...(Object.keys(fates) as Disposition['fate'][])])
    .default('')
    .catch(''),
  reason: z
    .enum(['', ...(Object.keys(reasons) as Reason[])])
    .default('')
    .catch(''),
  since: day,
  until: day,
});

export type HistoryQuery = z.output<typeof historyQuerySchema>;

/** The beginning of a day (UTC), or its end; `undefined`: none is given, or there is no such day. */
export function edgeOf(text: string, edge: 'begins' | 'ends'): number | undefined {
  const ms = text === '' ? Number.NaN : Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(ms)) return undefined;
  return edge === 'begins' ? ms : ms + 24 * 3_600_000 - 1;
}
