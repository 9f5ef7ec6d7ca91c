import { Hono } from 'hono';
import type { z } from 'zod';
import type { RunPlaybook } from '../engine/commands/run-playbook.js';
import { readJson, tooLarge } from './json-body.js';
import { type manualRunSchema, readFields, runPlaybookSchema } from './request-schema.js';

interface RunPlaybookApiParts {
  /** @throws InputError for labels that cannot be; what Redis throws. */
  readonly runPlaybook: RunPlaybook;
}

/** The part of `/api/v1` by which people run a playbook. Bad input is thrown as InputError. */
export function createRunPlaybookApi({ runPlaybook }: RunPlaybookApiParts): Hono {
  const api = new Hono();

  api.post('/api/v1/playbooks/:id/run', async (c) => {
    const body = await readJson(c);
    if (body === null) return tooLarge(c);
    const asked = readFields(runPlaybookSchema, body.value);
    const result = await runPlaybook({ ...asked, playbook: c.req.param('id') });
    switch (result.kind) {
      case 'unknown_playbook':
        return c.json({ error: result.why }, 404);
      case 'not_runnable':
        return c.json({ error: result.why }, 422);
      case 'key_used': {
        const error = 'key: another request was sent with this key; choose a new one';
        return c.json({ error, path: 'key' }, 409);
      }
      case 'accepted': {
        const { state, detail, runId = null } = result.state;
        const view = { alert: result.alertId, run: runId, state, detail };
        return c.json(view satisfies z.output<typeof manualRunSchema>);
      }
    }
  });

  return api;
}
