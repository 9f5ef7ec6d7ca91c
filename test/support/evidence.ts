import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { createEvidenceGatherer } from '../../src/evidence/gather.js';
import type { EvidenceSource } from '../../src/integrations/contract/evidence.js';
import type { Escalation } from '../../src/ledger/escalation.js';
import { createEvidenceStore } from '../../src/ledger/evidence.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { scheduleItem } from '../../src/ledger/schedule-item.js';
import { systemClock } from '../../src/lib/clock.js';
import { createLogger } from '../../src/lib/logger.js';
import { createPrometheus } from '../../src/prometheus/prometheus.js';
import { sampleEscalation } from '../unit/slack/samples.js';
import { usePart } from './parts.js';

/** Gathers evidence on a real Redis. */
export function startEvidence({
  prometheusUrls = [],
  sources = [],
  logs = false,
}: {
  readonly prometheusUrls?: readonly string[];
  readonly sources?: readonly EvidenceSource[];
  readonly logs?: boolean;
} = {}) {
  const cell = `test-${randomUUID()}`;
  const redis = new Redis(usePart('redis').url);
  const ledger = createLedger({ redis, cell });
  const clock = systemClock;
  const store = createEvidenceStore(ledger);
  const gatherer = createEvidenceGatherer({
    ledger,
    prometheuses: prometheusUrls.map((url) =>
      createPrometheus({ url, token: undefined, timeoutMs: 1_000 }),
    ),
    sources,
    logs: () => logs,
    secrets: ['known-secret'],
    wake: async () => {},
    clock,
    log: createLogger('silent'),
  });

  /** Saves an escalation; one that is open already is changed. */
  async function escalate(change: Partial<Escalation> = {}): Promise<Escalation> {
    const id = change.id ?? ledger.newId();
    const nowMs = clock.now();
    const before = await ledger.escalation(id);
    const escalation = {
      ...sampleEscalation(),
      ...{ id, caseId: id, runId: null, links: [], createdAtMs: nowMs, subject: null },
      ...change,
    };
    const { check, writes } = ledger.saveEscalation(before, escalation, null);
    await ledger.commit({ checks: [check], writes, nowMs });
    return escalation;
  }

  /** Gathers now, and gives back what was found. */
  async function gather(id: string) {
    await store.want(id, clock.now());
    await gatherer.look(scheduleItem('evidence', id));
    return store.read(id);
  }

  async function stop(): Promise<void> {
    const keys = await redis.keys(`{${cell}}:*`);
    if (keys.length > 0) await redis.del(...keys);
    await redis.quit();
  }

  return { cell, redis, ledger, clock, store, gatherer, escalate, gather, stop };
}
