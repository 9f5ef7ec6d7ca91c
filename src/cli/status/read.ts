import type { z } from 'zod';
import type { countedEscalationSchema } from '../../api/escalation-schema.js';
import type { blastRadiusSchema, breakersSchema } from '../../api/guard-schema.js';
import type { Readiness } from '../../api/health.js';
import type { runSchema } from '../../api/run-schema.js';
import type { alertSchema } from '../../api/schema.js';
import type { Pause } from '../../guard/pause.js';
import type { EngineClient } from '../engine-client.js';

/** What is open in an engine. */
export interface OpenWork {
  readonly escalations: readonly z.output<typeof countedEscalationSchema>[];
  readonly runs: readonly z.output<typeof runSchema>[];
  readonly alerts: readonly z.output<typeof alertSchema>[];
  readonly pauses: readonly Pause[];
  /** `null`: the blast radius has not tripped. */
  readonly tripped: z.output<typeof blastRadiusSchema>['tripped'];
  readonly breakers: z.output<typeof breakersSchema>['items'];
}

/** How an engine stands. */
export interface EngineStatus {
  readonly readiness: Readiness;
  /** `null`: it is not ready, and cannot say. */
  readonly open: OpenWork | null;
}

/**
 * Reads how an engine stands and what is open in it.
 *
 * @throws what the client throws; that an engine which is not ready gives no lists is no error.
 */
export async function readStatus(engine: EngineClient): Promise<EngineStatus> {
  const readiness = await engine.readiness();
  try {
    return { readiness, open: await readOpen(engine) };
  } catch (error) {
    if (readiness.ready) throw error;
    return { readiness, open: null };
  }
}

async function readOpen(engine: EngineClient): Promise<OpenWork> {
  const query = { state: 'open' };
  const [escalations, runs, alerts, pauses, { tripped }, breakers] = await Promise.all([
    engine.readAll<OpenWork['escalations'][number]>('escalations', query),
    engine.readAll<OpenWork['runs'][number]>('runs', query),
    engine.readAll<OpenWork['alerts'][number]>('alerts', query),
    engine.read<{ items: OpenWork['pauses'] }>('pauses'),
    engine.read<{ tripped: OpenWork['tripped'] }>('blast-radius'),
    engine.read<{ items: OpenWork['breakers'] }>('breakers'),
  ]);
  return {
    escalations,
    runs,
    alerts,
    pauses: pauses.items,
    tripped,
    breakers: breakers.items,
  };
}
