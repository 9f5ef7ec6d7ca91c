import { describe, expect, it } from 'vitest';
import { readScalerCall } from '../../../src/api/scaler-request.js';

/** The requests of a call by its address as a caller writes it, and its body. */
function read(address: string, body: unknown = '') {
  const url = new URL(address, 'http://127.0.0.1/v1/');
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return readScalerCall({
    name: url.pathname.slice('/v1/'.length),
    query: Object.fromEntries(url.searchParams),
    bytes: Buffer.from(text),
  });
}

const own = { alertname: 'scale_service', service: 'web', scale: 'up', posted_by: 'jidoka' };
const group = (groupLabels: object, more: object = {}) => ({ groupLabels, ...more });

describe('a call of docker-scaler', () => {
  const up = { service: 'web', scale: 'up' };

  it.each([
    ['by=2', { by: '2' }],
    ['by=-2', { by: '2' }],
    ['by=%2B2', { by: '2' }],
    ['by=+2', { by: '2' }],
    ['by=007', { by: '7' }],
    ['by=12345678', { by: '12345678' }],
    ['by=0', {}],
    ['by=-0', {}],
    ['by=', {}],
    ['by=many', {}],
    ['by=1.5', {}],
    ['by=0x10', {}],
    ['by=99999999999999999999', {}],
  ])('reads %s as docker-scaler did', (query, by) => {
    expect(read(`scale-service?service=web&scale=up&${query}`)).toEqual([{ ...up, ...by }]);
  });

  it.each([
    ['is no number', 'by=many', { by: '3' }],
    ['is empty', 'by=', { by: '3' }],
    ['is 0', 'by=0', {}],
    ['is one', 'by=4', { by: '4' }],
  ])('takes the step of the group where that of the query %s', (_, query, by) => {
    expect(read(`scale-service?${query}`, group({ ...up, by: 3 }))).toEqual([{ ...up, ...by }]);
  });

  it.each([
    ['service', '?service=', { service: 'web', scale: 'up' }],
    ['scale', '?service=web&scale=', { scale: 'up' }],
    ['both', '?service=&scale=&by=', { service: 'web', scale: 'up' }],
  ])('takes an empty %s of the query for not given', (_, query, labels) => {
    expect(read(`scale-service${query}`, group(labels))).toEqual([up]);
  });

  it('takes an empty type of the query, and an empty label of the group, for not given', () => {
    expect(read('scale-nodes?type=&scale=up', group({ type: 'worker' }))).toEqual([
      { type: 'worker', scale: 'up' },
    ]);
    expect(read('scale-nodes?scale=up', group({ type: '' }))).toEqual([
      { type: 'worker', scale: 'up' },
    ]);
    const alerts = [{ labels: { service: 'web' } }, { labels: { service: '', scale: 'up' } }];
    expect(() => read('scale-service?scale=up', { alerts })).toThrow(/^service: expected/);
  });

  it.each(['{', 'scale it', '[1, 2', '"text"', '[]', 'null', '\u0000'])(
    'needs no body that can be read where the query is enough: %j',
    (body) => {
      expect(read('scale-service?service=web&scale=up', body)).toEqual([up]);
      expect(read('scale-nodes?scale=down&by=2', body)).toEqual([
        { type: 'worker', scale: 'down', by: '2' },
      ]);
      expect(read('reschedule-services', body)).toEqual([{}]);
      expect(read('reschedule-service?service=web', body)).toEqual([{ service: 'web' }]);
    },
  );

  it('says that its body is at fault where that is what is needed', () => {
    expect(() => read('scale-service?service=web', '{')).toThrow(/^body: expected JSON/);
    expect(() => read('scale-service?scale=up', '[]')).toThrow(/^service: expected/);
  });

  it('asks for nothing where the alerts have resolved', () => {
    expect(read('scale-service', { status: 'resolved', ...group(up) })).toEqual([]);
  });

  it.each([
    ['each by itself', { alerts: [{ status: 'firing', labels: own }] }],
    ['as a group', { groupLabels: { service: 'web' }, commonLabels: own }],
  ])('asks for nothing where Jidoka posted the alerts itself, %s', (_, body) => {
    expect(read('scale-service?service=web&scale=up', body)).toEqual([]);
  });

  it('is about the other alerts of a group in which Jidoka posted one', () => {
    const alerts = [
      { status: 'firing', labels: own },
      { status: 'firing', labels: up },
    ];
    expect(read('scale-service', { alerts })).toEqual([up]);
  });

  it('names the service whose labels say how nodes are scaled: that of the query, or of the group', () => {
    const nodes = { type: 'worker', scale: 'up' };
    expect(read('scale-nodes?service=exporter&scale=up')).toEqual([
      { ...nodes, service: 'exporter' },
    ]);
    expect(read('scale-nodes', group({ ...nodes, service: 'exporter' }))).toEqual([
      { ...nodes, service: 'exporter' },
    ]);
    const elsewhere = { commonLabels: { ...nodes, service: 'web' }, alerts: [{ labels: up }] };
    expect(read('scale-nodes', elsewhere)).toEqual([nodes]);
  });
});
