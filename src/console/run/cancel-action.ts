import { Hono } from 'hono';
import { describeCancelled } from '../../escalation/describe-cancelled.js';
import { back } from '../back.js';
import type { ConsoleParts } from '../parts.js';
import { showMissing, showProblem } from '../show.js';
import { type ConsoleEnv, deciderOf } from '../visit.js';

/** What the button of a run does that cancels it. */
export function createCancelAction({ cancel }: Pick<ConsoleParts, 'cancel'>): Hono<ConsoleEnv> {
  const action = new Hono<ConsoleEnv>();

  action.post('/runs/:id/cancel', async (c) => {
    const id = c.req.param('id');
    const person = { via: 'console', name: deciderOf(c) } as const;
    const result = await cancel({ id, person });
    switch (result.kind) {
      case 'cancelled':
        return back(c, `/runs/${id}`);
      case 'too_late': {
        const why = describeCancelled(result.run);
        return showProblem(c, { status: 409, title: 'Already ended', why });
      }
      case 'not_allowed':
        return showProblem(c, { status: 403, title: 'Not allowed', why: result.why });
      case 'unknown_run':
        return showMissing(c, 'run');
    }
  });

  return action;
}
