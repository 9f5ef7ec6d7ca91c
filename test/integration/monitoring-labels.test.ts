import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createComposer } from '../../src/monitoring/compose.js';
import { type DescribedService, noAutomation } from '../../src/monitoring/described-service.js';
import { loadShortcuts } from '../../src/monitoring/shortcuts.js';
import { makeDir } from '../support/parts/place.js';
import { usePart } from '../support/parts.js';

/* Labels as people write them, many services in one rule file, as a real Prometheus reads it. */

const services = 400;

/** Whatever stands in a label, templates left out that only Prometheus can judge. */
const anyText = fc
  .oneof(
    fc.string({ maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      '',
      ' ',
      'High, very high: 100% "sure"',
      "it's 5 > 3, a=b",
      '{{ $value | humanize }} of {{ $labels.instance }}',
      '{{ with query "up" }}{{ . | first | value }}{{ end }}',
      'UPPER Case',
      'line\nbreak\ttab',
      '- a: [b',
      '\u0000\u0007\u009b\u2028\ufeff',
      '😀 ünïcode',
      'x'.repeat(64 * 1024),
    ),
  )
  .filter((text) => !text.includes('{{') || text.includes('}}'));

const key = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('severity', 'receiver', 'Team', 'service', 'scale') },
  { weight: 1, arbitrary: fc.constantFrom('my-key', '__name__', 'ä', '1st', 'a.b', '') },
);

const condition = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      'up == 0',
      'rate(http_requests_total{job="web",code=~"^5..$"}[5m]) > 10',
      'sum by (instance) (rate(x[5m])) / on (instance) group_left y > bool 2',
      '@service_mem_limit:0.8',
      '@node_mem_limit:0.8_and_@node_fs_limit:0.9',
      '@resp_time_above:0.1,5m,0.99_unless_@replicas_running',
      ' max_over_time(x[1h:5m])  >  1 # why',
      'x{a=\'b\',c!="d\\"e"} > 1e3',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...['rate(sum(x))', 'x[5m]', 'up ==', '(up', 'up)', 'a b', '@nope', '@service_mem_limit:"}'],
      ...[
        'sum(x',
        '{}}',
        'foo{bar="x}',
        'up == 0; drop',
        '@node_mem_limit:0.8 or up',
        'absent_over_time(up)',
      ],
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 20 }) },
);

const duration = fc.constantFrom(
  '5m',
  '30s',
  '1h30m',
  '0',
  '0s',
  '5',
  'five',
  '-5m',
  '5m ',
  '1m1h',
);

const labels = fc
  .array(
    fc.oneof(
      fc.tuple(
        fc.constantFrom('jidoka.alert.A.if', 'jidoka.alert.a.if', 'jidoka.alert.B-c.if'),
        condition,
      ),
      fc.tuple(fc.constantFrom('jidoka.alert.A.for', 'jidoka.alert.B-c.for'), duration),
      fc.tuple(
        key.map((one) => `jidoka.alert.A.labels.${one}`),
        anyText,
      ),
      fc.tuple(
        key.map((one) => `jidoka.alert.A.annotations.${one}`),
        anyText,
      ),
      fc.tuple(
        fc.constantFrom('com.df.alertName', 'com.df.alertName.1', 'com.df.alertName.3'),
        anyText,
      ),
      fc.tuple(
        fc.constantFrom('com.df.alertIf', 'com.df.alertIf.1', 'com.df.alertIf.3'),
        condition,
      ),
      fc.tuple(fc.constantFrom('com.df.alertFor', 'com.df.alertFor.1'), duration),
      fc.tuple(
        fc.constantFrom(
          'com.df.alertLabels',
          'com.df.alertAnnotations',
          'com.df.alertAnnotations.1',
        ),
        fc.oneof(
          anyText,
          fc
            .array(fc.tuple(key, anyText), { maxLength: 4 })
            .map((pairs) => pairs.map((pair) => pair.join('=')).join(',')),
        ),
      ),
      fc.tuple(
        fc.constantFrom('jidoka.alert', 'jidoka.alert.', 'jidoka.alert.A', 'jidoka.alert.x y.if'),
        anyText,
      ),
    ),
    { maxLength: 14 },
  )
  .map((pairs) => Object.fromEntries(pairs));

/** A service that is described well, beside those of the property. */
const neighbour: DescribedService = {
  ...{ id: 'neighbour', name: 'web', replicas: 1, containerLabels: {} },
  labels: {
    'jidoka.alert.Slow.if': 'latency_seconds{job="web"} > 1',
    'jidoka.alert.Slow.for': '5m',
    'jidoka.alert.Slow.annotations.summary':
      'Slow: {{ $value }} s, "very", on {{ $labels.instance }}',
    'com.df.alertName': 'Memory',
    'com.df.alertIf': '@service_mem_limit:0.8',
  },
  automation: noAutomation,
};

/** The group of a service in a rule file. */
const groupOf = (rules: string, name: string) =>
  rules.split(/^(?= {2}- name: )/m).find((group) => group.startsWith(`  - name: "${name}"\n`));

test('a rule file of labels as people write them is one that Prometheus takes', async () => {
  const { promtool } = usePart('prometheus');
  const dir = await makeDir('labels');
  let round = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(labels, { minLength: services, maxLength: services }),
      async (all) => {
        const described = all.map((labels, index): DescribedService => {
          const name = index % 2 === 0 ? `web_${index}` : `web_${index - 1}_api-x`;
          return {
            id: `s${index}`,
            name,
            replicas: index % 3,
            labels,
            containerLabels: {},
            automation: noAutomation,
          };
        });
        const compose = createComposer(loadShortcuts(undefined), {
          network: undefined,
          nodeLabels: [],
        });
        const { rules, services: made } = compose({
          services: [...described, neighbour],
          tasks: [],
          nodes: [],
        });
        // whatever others say, its rules are those that it has alone
        const alone = compose({ services: [neighbour], tasks: [], nodes: [] });
        expect(groupOf(rules, 'web')).toBe(groupOf(alone.rules, 'web'));
        expect(groupOf(rules, 'web')?.match(/- alert:/g)).toHaveLength(2);
        const count = made.reduce((sum, one) => sum + one.rules.length, 0);
        expect(count).toBeGreaterThan(services / 10);
        for (const one of made) {
          for (const rule of one.rules) expect(rule.labels.service).toBe(one.name);
        }
        round += 1;
        const file = join(dir, `rules-${round}.yml`);
        await writeFile(file, rules);
        const run = promisify(execFile)(promtool, ['check', 'rules', '--lint=none', file], {
          maxBuffer: 64 * 1024 * 1024,
        });
        const { stdout, stderr } = await run.catch(
          (error: { stdout: string; stderr: string }) => error,
        );
        expect(stderr.slice(0, 2_000)).toBe('');
        expect(stdout).toContain(`SUCCESS: ${count} rules found`);
      },
    ),
    { numRuns: 5, endOnFailure: true },
  );
});
