import type { z } from 'zod';
import type { AnyAction } from '../../../src/integrations/contract/action.js';

/** An action that is good for its name and the schema of its parameters only. */
export function testAction(name: string, params: z.ZodType): AnyAction {
  const unused = () => {
    throw new Error(`${name} is for loading only`);
  };
  return {
    name,
    summary: '',
    params,
    operations: [],
    convergeWithinMs: 0,
    observe: unused,
    plan: unused,
    planTo: unused,
    apply: unused,
    verify: unused,
  };
}
