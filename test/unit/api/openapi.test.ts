import { expect, test } from 'vitest';
import { createFakeReceiver, from } from './fake-parts.js';

interface Operation {
  readonly summary: string;
  readonly responses: Readonly<Record<string, object>>;
}
type PathItem = Readonly<Record<string, Operation | readonly object[]>>;
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

const headers = { host: 'localhost', 'content-type': 'application/json' };
const local = from('127.0.0.1');

async function readDocument(): Promise<Document> {
  const { receiver } = createFakeReceiver();
  const response = await receiver.request('/api/v1/openapi.json', { headers }, local);
  return (await response.json()) as Document;
}

function operationsOf({ paths }: Document) {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([key]) => key !== 'parameters')
      .map(([method, operation]) => ({ path, method, operation: operation as Operation })),
  );
}

test('the document describes every route, and nothing else', async () => {
  const { receiver } = createFakeReceiver();
  const routes = receiver.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
  const operations = operationsOf(await readDocument());
  const described = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  expect(described.sort()).toEqual(routes.sort());
  expect(described.length).toBeGreaterThan(12);
});

test('every path of the document answers, with a status that it names', async () => {
  const { receiver } = createFakeReceiver();
  for (const { path, method, operation } of operationsOf(await readDocument())) {
    const init =
      method === 'post' ? { method: 'POST', headers, body: '{}' } : { method: 'GET', headers };
    const response = await receiver.request(path.replace('{id}', 'any'), init, local);
    expect(Object.keys(operation.responses), `${method} ${path}`).toContain(
      String(response.status),
    );
    expect(await response.text()).not.toContain('nothing answers');
  }
});

test('every reference in it leads to a schema, and every schema is used', async () => {
  const document = await readDocument();
  const used = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g);
  const names = new Set([...used].map(([, name]) => name));
  expect([...names].sort()).toEqual(Object.keys(document.components.schemas).sort());
});

test('every parameter in a path is declared', async () => {
  for (const [path, item] of Object.entries((await readDocument()).paths)) {
    const declared = JSON.stringify(item.parameters ?? []);
    expect(declared.includes('"name":"id"'), path).toBe(path.includes('{id}'));
  }
});

test('the schemas are plain JSON Schema: what an alert must have, and the reasons there are', async () => {
  const { components } = await readDocument();
  expect(components.schemas.Alert).toMatchObject({
    type: 'object',
    required: expect.arrayContaining(['id', 'verdicts', 'closedAtMs']),
    properties: { closedAtMs: { anyOf: [{ type: 'integer' }, { type: 'null' }] } },
  });
  expect(JSON.stringify(components.schemas.Run)).toContain('"unknown_outcome"');
});
