import { z } from 'zod';
import { isNodeReference } from '../target/node-reference.js';

/** The parameter that names a node. */
export const nodeParam = {
  node: z
    .string()
    .refine(isNodeReference, "expected one node's id, its host's name or its address")
    .describe("Id of the node, its host's name, or the address by which the managers know it."),
};
