import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../../src/integrations/contract/change.js';
import { operationKinds } from '../../../src/integrations/operations.js';
import { connectAll, integrations, readSettings } from '../../../src/integrations/registry.js';
import { simulatedKinds } from '../../../src/integrations/simulate.js';
import { startHttpServer } from '../../support/http-server.js';
import { noHistory } from '../../support/no-history.js';
import { sendingOf } from '../../support/sending.js';
import { describeConformance } from './conformance.js';
import { subjects } from './subjects.js';

const silent = pino({ level: 'silent' });

/** As in an environment that sets nothing: no system is asked. */
async function connectNothing() {
  const faults: string[] = [];
  const none = () => undefined;
  const fault = (text: string) => faults.push(text);
  const settings = readSettings({ text: none, secret: none, names: [], fault });
  expect(faults).toEqual([]);
  return connectAll(settings, {
    ...{ timeoutMs: 100, hosts: () => [], secrets: () => [], log: silent },
    history: noHistory,
  });
}

const { actions: registry, counts, connected } = await connectNothing();

describe('the registry', () => {
  it('gives each action, each kind of target and each integration a name of its own', () => {
    for (const [name, action] of registry) expect(name).toBe(action.name);
    const ofEach = connected.map(({ clients }, index) => integrations[index]?.actions(clients));
    expect(registry.size).toBe(ofEach.flat().length);
    const kinds = integrations.flatMap((one) => Object.keys(one.nouns));
    for (const names of [kinds, integrations.map(({ name }) => name)]) {
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it('checks parameters with nothing connected', () => {
    const params = { service: 'web', by: 1 };
    expect(registry.get('swarm.scale')?.params.parse(params)).toEqual(params);
  });

  it('counts every kind of target', () => {
    const kinds = integrations.flatMap((one) => Object.keys(one.nouns));
    expect(Object.keys(counts).sort()).toEqual(kinds.sort());
    expect(counts.http).toBe('uncounted');
  });

  it('reads settings that are plain data', () => {
    const text = (name: string) => `the value of ${name}`;
    const settings = readSettings({ text, secret: text, names: [], fault: () => undefined });
    expect(structuredClone(settings)).toEqual(settings);
  });

  it('hands out actions that let no secret out', async () => {
    const token = 'correct-horse-battery';
    const server = await startHttpServer();
    server.answer = (_, reply) => reply(400, `no ${token}`);
    const hosts = () => [{ origin: server.origin, authorization: 'JIDOKA_HTTP_CI' }];
    const none = () => undefined;
    const settings = readSettings({
      text: none,
      secret: (name) => (name === 'JIDOKA_HTTP_CI' ? `Bearer ${token}` : undefined),
      names: ['JIDOKA_HTTP_CI'],
      fault: none,
    });
    const { actions } = await connectAll(settings, {
      timeoutMs: 5_000,
      hosts,
      secrets: () => [],
      history: noHistory,
      log: silent,
    });
    const call = actions.get('http.request');
    const params = call?.params.parse({ url: `${server.origin}/job`, body: { said: token } });
    const bounds = { min: undefined, max: undefined };
    const plan = call?.plan(params, await call.observe(params), bounds);
    expect(plan).toMatchObject({ kind: 'change', op: { body: '{"said":"[secret]"}' } });
    const failed = call?.apply(plan as Change, sendingOf(params));
    await expect(failed).rejects.toMatchObject({ message: expect.stringContaining('[secret]') });
    await server.stop();
  });

  it('has a twin that takes each operation of an action, as a word of playbook tests', () => {
    const words = Object.values(simulatedKinds()).flatMap(({ operations }) => operations);
    const known = new Set(words.map(({ kind }) => kind));
    // tests see them as a new size, or as a restart of each service
    const seenOtherwise = ['resize', 'end_instance', 'remove', 'rebalance'];
    const missing = [...operationKinds.keys()].filter((kind) => !known.has(kind));
    expect(missing.sort()).toEqual(seenOtherwise.sort());
  });

  it('has a conformance subject for each of its actions and for nothing else', () => {
    expect(subjects.map((subject) => subject.name).sort()).toEqual([...registry.keys()].sort());
  });
});

for (const subject of subjects) describeConformance(subject);
