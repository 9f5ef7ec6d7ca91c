import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openApiDocument } from '../../src/api/openapi.js';
import { reasons } from '../../src/ledger/reason.js';
import { createMetrics } from '../../src/lib/metrics.js';
import { fillReference } from '../../src/playbook/reference.js';
import { slackScopes } from '../../src/slack/scopes.js';

/* The pages of the reference say what the code says. */

const { apiTables, metricsTable } = await import(
  new URL('../../scripts/reference/tables.mjs', import.meta.url).href
);

const page = (name: string) => readFileSync(`docs/reference/${name}.md`, 'utf8');

test('the metrics are fresh; if not: npm run generate', () => {
  const metrics = metricsTable(createMetrics().registry.getMetricsAsArray());
  expect(fillReference(page('metrics'), { metrics })).toBe(page('metrics'));
});

test('the routes of the API are fresh; if not: npm run generate', () => {
  const routes = apiTables(openApiDocument());
  expect(fillReference(page('api'), { routes })).toBe(page('api'));
});

test('each reason stands in one table, with its text', () => {
  const rows = [...page('reasons').matchAll(/^\| `(\w+)` \| (.*?) \|/gm)];
  expect(rows).toHaveLength(Object.keys(reasons).length);
  expect(Object.fromEntries(rows.map(([, name, text]) => [name, text]))).toEqual(reasons);
});

describe('the permissions', () => {
  test('of AWS are those of the calls in the code', () => {
    const called = sourcesOf('aws').flatMap((text) =>
      [...text.matchAll(/(?:new sdk\.|\{ EC2Client, )(\w+)Command\b/g)].map(([, name]) => name),
    );
    const policy = JSON.parse(/```json\n([\s\S]*?)```/.exec(page('permissions'))?.[1] ?? '');
    const allowed = policy.Statement.flatMap(({ Action }: { Action: string[] }) => Action);
    expect(allowed.map((action: string) => action.split(':')[1]).sort()).toEqual(
      [...new Set(called)].sort(),
    );
  });

  test('of Docker are those of the calls in the code', () => {
    const routes: Readonly<Record<string, string>> = {
      listServices: 'GET /services',
      listTasks: 'GET /tasks',
      listNodes: 'GET /nodes',
      getEvents: 'GET /events',
      version: 'GET /version',
      getNode: 'DELETE /nodes/{id}',
      getService: 'DELETE /services/{id}',
      getConfig: 'DELETE /configs/{id}',
    };
    const called = sourcesOf('swarm').flatMap((text) => [
      ...[...text.matchAll(/\bdocker\.(\w+)(?:\(| as )/g)].map(
        ([, method = '']) => routes[method] ?? method,
      ),
      ...[...text.matchAll(/read(?:Text|Bytes)\(docker, `(.*?)`/g)].map(
        ([, path = '']) => `GET ${idIn(path)}`,
      ),
      ...[...text.matchAll(/postText\(docker, [`'](.*?)[`']/g)].map(
        ([, path = '']) => `POST ${idIn(path)}`,
      ),
    ]);
    const listed = page('permissions').matchAll(/`((?:GET|POST|DELETE) \/[^`]*)`/g);
    expect([...new Set(called)].sort()).toEqual([...listed].map(([, route]) => route).sort());
  });

  test('of Slack are those that the doctor looks for', () => {
    const listed = [...page('permissions').matchAll(/^\| `([\w]+:[\w]+)` \|/gm)];
    const names = listed.map(([, scope]) => scope).filter((name) => !name?.includes('autoscaling'));
    expect(names.filter((name) => name !== 'ec2:DescribeInstances')).toEqual(
      slackScopes.map(({ scope }) => scope),
    );
  });
});

function sourcesOf(integration: string): string[] {
  const folder = `src/integrations/${integration}`;
  return readdirSync(folder).map((file) => readFileSync(`${folder}/${file}`, 'utf8'));
}

function idIn(path: string): string {
  return path.replace(/\$\{.*?\}/g, '{id}');
}

test('the index of the decisions has one line for each of its pages', () => {
  const index = readFileSync('docs/decisions/index.md', 'utf8');
  const listed = [...index.matchAll(/^\| \[\d+\]\((.*?)\) \| [^|]+ \| [^|]{10,} \|$/gm)].map(
    ([, file]) => file,
  );
  expect(listed.length).toBeGreaterThan(40);
  expect(readdirSync('docs/decisions')).toEqual(expect.arrayContaining(listed));
  expect(new Set(listed).size).toBe(listed.length);
});
