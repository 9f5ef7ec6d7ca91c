import { z } from 'zod';
import { readWith } from '../lib/field.js';
import { parseLimit } from './limit.js';

/** A limit on the number of runs: `3 per 1h`. */
export const limitField = readWith(z.string(), parseLimit).meta({
  title: 'limit',
  pattern: '^\\s*[1-9]\\d{0,8}\\s+per\\s+\\S+\\s*$',
});

/** Limits on the number of runs: `[3 per 1h, 7 per 1d]`. */
export const limitsField = z.array(limitField);
