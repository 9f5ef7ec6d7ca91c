import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { noAutomation } from '../../src/monitoring/described-service.js';
import { readMonitoring } from '../../src/monitoring/read-monitoring.js';
import { writeRuleFile } from '../../src/monitoring/rule-file.js';
import { loadShortcuts } from '../../src/monitoring/shortcuts.js';
import { makeDir } from '../support/parts/place.js';
import { usePart } from '../support/parts.js';

/* Each shortcut on the engine of a real Prometheus: with series with which it fires, and such with which it does not. */

const shortcuts = loadShortcuts(undefined);
const service = 'shop_web';

type Series = Readonly<Record<string, string>>;

/** Values of ten minutes, one a minute. */
const still = (value: number) => `${value}x10`;
const rising = (by: number) => `0+${by}x10`;

const container = (metric: string, id: string, name = service) =>
  `${metric}{container_label_com_docker_swarm_service_name="${name}",id="${id}"}`;
const node = (metric: string, instance: string, more = '') =>
  `${metric}{job="${service}",instance="${instance}"${more}}`;

const memory = (usage: number, limit: number, cache = 0): Series => ({
  [container('container_memory_usage_bytes', 'a')]: still(usage),
  [container('container_memory_cache', 'a')]: still(cache),
  [container('container_spec_memory_limit_bytes', 'a')]: still(limit),
});
const nodeMemory = (used: number, instance = 'n1'): Series => ({
  [node('node_memory_MemTotal_bytes', instance)]: still(100),
  [node('node_memory_MemFree_bytes', instance)]: still(100 - used - 10),
  [node('node_memory_Buffers_bytes', instance)]: still(5),
  [node('node_memory_Cached_bytes', instance)]: still(5),
});
const disk = (free: number, fstype = 'ext4'): Series => ({
  [node('node_filesystem_size_bytes', 'n1', `,fstype="${fstype}",mountpoint="/"`)]: still(100),
  [node('node_filesystem_free_bytes', 'n1', `,fstype="${fstype}",mountpoint="/"`)]: still(free),
});
const responses = (fast: number, le: string): Series => ({
  [node('http_server_resp_time_bucket', 'i', `,le="${le}",code="200"`)]: rising(fast),
  [node('http_server_resp_time_count', 'i', ',code="200"')]: rising(100),
});
const errors = (failed: number): Series => ({
  [node('http_server_resp_time_count', 'i', ',code="200"')]: rising(100 - failed),
  [node('http_server_resp_time_count', 'i', ',code="503"')]: rising(failed),
});
const containers = (count: number): Series => ({
  [container('container_memory_usage_bytes', 'other', 'shop_web_admin')]: still(1),
  ...Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      container('container_memory_usage_bytes', `c${index}`),
      still(1),
    ]),
  ),
});

/** The condition, whether it fires, what is special, the series. The service has 2 replicas. */
const cases: readonly (readonly [string, boolean, string, Series])[] = [
  ['@service_mem_limit:0.8', true, 'above', memory(90, 100)],
  ['@service_mem_limit:0.8', false, 'below', memory(70, 100)],
  ['@service_mem_limit:0.8', false, 'without a limit', memory(90, 0)],
  ['@service_mem_limit_nobuff:0.8', true, 'above', memory(95, 100, 5)],
  ['@service_mem_limit_nobuff:0.8', false, 'much of it cache', memory(95, 100, 50)],
  ['@node_mem_limit:0.8', true, 'one of two nodes', { ...nodeMemory(85), ...nodeMemory(10, 'n2') }],
  ['@node_mem_limit:0.8', false, 'none', { ...nodeMemory(75), ...nodeMemory(10, 'n2') }],
  ['@node_mem_limit_total_above:0.8', true, 'all', { ...nodeMemory(85), ...nodeMemory(85, 'n2') }],
  ['@node_mem_limit_total_above:0.8', false, 'one', { ...nodeMemory(85), ...nodeMemory(10, 'n2') }],
  ['@node_mem_limit_total_below:0.3', true, 'all', { ...nodeMemory(10), ...nodeMemory(20, 'n2') }],
  ['@node_mem_limit_total_below:0.3', false, 'one', { ...nodeMemory(10), ...nodeMemory(85, 'n2') }],
  ['@node_fs_limit:0.8', true, 'full', disk(10)],
  ['@node_fs_limit:0.8', false, 'half', disk(50)],
  ['@node_fs_limit:0.8', false, 'in memory', disk(10, 'tmpfs')],
  ['@resp_time_above:0.1,5m,0.99', true, 'slow', responses(90, '0.1')],
  ['@resp_time_above:0.1,5m,0.99', false, 'fast', responses(100, '0.1')],
  ['@resp_time_above:1,5m,0.99', true, 'slow, as Prometheus 3 writes it', responses(90, '1.0')],
  ['@resp_time_above:1.0,5m,0.99', true, 'slow, as Prometheus 2 writes it', responses(90, '1')],
  ['@resp_time_below:0.1,5m,0.9', true, 'fast', responses(95, '0.1')],
  ['@resp_time_below:0.1,5m,0.9', false, 'slow', responses(80, '0.1')],
  ['@resp_time_server_error:5m,0.01', true, 'errors', errors(5)],
  ['@resp_time_server_error:5m,0.01', false, 'hardly any', errors(0)],
  ['@replicas_running', true, 'too few', containers(1)],
  ['@replicas_running', true, 'none', containers(0)],
  ['@replicas_running', false, 'all', containers(2)],
  ['@replicas_running', false, 'nothing that is seen', {}],
  ['@replicas_less_than', true, 'none', containers(0)],
  ['@replicas_less_than', false, 'more', containers(3)],
  ['@replicas_more_than', true, 'more', containers(3)],
  ['@replicas_more_than', false, 'fewer', containers(1)],
  [
    '@service_mem_limit:0.8_and_@resp_time_above:0.1,5m,0.99',
    true,
    'both',
    { ...memory(90, 100), ...responses(90, '0.1') },
  ],
  [
    '@service_mem_limit:0.8_and_@resp_time_above:0.1,5m,0.99',
    false,
    'one of two',
    { ...memory(90, 100), ...responses(100, '0.1') },
  ],
  [
    '@node_mem_limit:0.8_or_@node_fs_limit:0.8',
    true,
    'the second',
    { ...nodeMemory(10), ...disk(5) },
  ],
  [
    '@node_mem_limit:0.8_unless_@node_fs_limit:0.8',
    false,
    'the second too',
    { ...nodeMemory(90), ...disk(5) },
  ],
];

test('each shortcut has a case in which it fires, and one in which it does not', () => {
  const fires = (name: string, expected: boolean) =>
    cases.some(([condition, is]) => condition.split(':')[0] === `@${name}` && is === expected);
  for (const name of shortcuts.keys())
    expect([fires(name, true), fires(name, false)]).toEqual([true, true]);
});

test('each fires with the labels that the rule gives it, or does not', async () => {
  const dir = await makeDir('shortcuts');
  const tests = await Promise.all(
    cases.map(async ([condition, fires, what, series], index) => {
      const { rules, faults } = readMonitoring(
        {
          ...{ id: 'a', name: service, replicas: 2, containerLabels: {}, automation: noAutomation },
          labels: { 'com.df.alertName': 'case', 'com.df.alertIf': condition },
        },
        shortcuts,
      );
      expect(faults).toEqual([]);
      const [rule] = rules;
      // each case alone: whether it fires is asked by an expression that has no other labels
      const file = join(dir, `case-${index}.yml`);
      await writeFile(file, writeRuleFile([{ name: service, rules }]));
      const input_series = Object.entries(series).map(([series, values]) => ({ series, values }));
      const suite = join(dir, `case-${index}.test.yml`);
      const content = {
        rule_files: [file],
        evaluation_interval: '1m',
        tests: [
          {
            name: `${condition}, ${what}`,
            interval: '1m',
            input_series,
            promql_expr_test: [
              {
                expr: `count(ALERTS{alertname="${rule?.alert}",service="${service}"}) > bool 0`,
                eval_time: '10m',
                exp_samples: fires ? [{ labels: '{}', value: 1 }] : [],
              },
            ],
          },
        ],
      };
      await writeFile(suite, JSON.stringify(content));
      return suite;
    }),
  );
  const { promtool } = usePart('prometheus');
  const run = promisify(execFile)(promtool, ['test', 'rules', ...tests]);
  const output = await run.catch((error: { stdout: string; stderr: string }) => error);
  expect(`${output.stdout}${output.stderr}`).not.toContain('FAILED');
  expect(output.stdout.split('SUCCESS')).toHaveLength(cases.length + 1);
});
