import { type Context, Hono } from 'hono';
import { z } from 'zod';
import type { Ledger } from '../ledger/ledger.js';
import {
  type PrometheusFile,
  readPrometheusFile,
  writeRefusedRules,
} from '../ledger/prometheus-files.js';
import type { Clock } from '../lib/clock.js';
import { readJson, tooLarge } from './json-body.js';
import { readFields } from './request-schema.js';

/** A report of the rules that Prometheus refuses holds at most so much. */
const maxReportBytes = 1024 * 1024;

const text = (longest: number) => z.string().transform((value) => value.slice(0, longest));

/** The rules that Prometheus does not take, of those that it was given. */
export const refusedRulesSchema = z.strictObject({
  rules: z
    .array(
      z.strictObject({
        service: text(200).describe('The name of the service.'),
        alert: text(200).describe('The name of the rule.'),
        error: text(500).describe('What Prometheus said.'),
      }),
    )
    .max(10_000)
    .describe('All of them. A rule of an earlier report that is left out is no longer refused.'),
});

/**
 * `/prometheus`: the rule file and the targets that derive from the labels of services, as workers recorded
 * them. While no worker sees the services the answer is 503: on an empty list Prometheus would drop all targets.
 */
export function createPrometheusFiles({
  ledger,
  clock,
}: {
  readonly ledger: Ledger;
  readonly clock: Clock;
}): Hono {
  const files = new Hono();
  files.get('/prometheus/rules', (c) => give(c, 'rules', 'application/yaml'));
  files.get('/prometheus/targets', (c) => give(c, 'targets', 'application/json'));

  files.post('/prometheus/refused', async (c) => {
    const body = await readJson(c, maxReportBytes);
    if (body === null) return tooLarge(c, maxReportBytes);
    const { rules } = readFields(refusedRulesSchema, body.value);
    await writeRefusedRules(ledger, rules, clock.now());
    return c.json({ refused: rules.length });
  });

  return files;

  async function give(c: Context, file: PrometheusFile, type: string): Promise<Response> {
    const known = /^(?:W\/)?"([0-9a-f]+)"$/.exec(c.req.header('if-none-match') ?? '')?.[1];
    const found = await readPrometheusFile(ledger, file, known);
    if (found === null) {
      const error =
        'the services of the Swarm are not known at present: no worker has read them, or none reads them now; see jidoka status';
      return c.json({ error }, 503, { 'retry-after': '5' });
    }
    const headers = { etag: `"${found.tag}"`, 'cache-control': 'no-cache' };
    if (found.text === undefined) return c.body(null, 304, headers);
    return c.body(found.text, 200, { ...headers, 'content-type': type });
  }
}
