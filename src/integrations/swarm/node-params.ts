import { z } from 'zod';
import { isNodeReference } from './node-reference.js';

/** The parameter that names a node. */
export const nodeParam = {
  node: z
    .string()
    .refine(isNodeReference, "expected one node's id, its host's name or its address")
    .describe('The node: its ID, host name or address.'),
};
