import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createJenkins } from '../../../src/api/jenkins.js';
import type { Commands } from '../../../src/engine/commands/commands.js';
import { createMetrics } from '../../../src/lib/metrics.js';

/** The answer to a call of a job, and the parameters of the command that it became. */
async function call(query: string, init: RequestInit = {}) {
  const issued: Parameters<Commands['issue']>[0][] = [];
  const jenkins = createJenkins({
    commands: {
      issue: async (asked) => issued.push(asked),
    } as Partial<Commands> as Commands,
    webhookToken: 'DevOps22',
    isMeantForUs: () => true,
    metrics: createMetrics(),
    log: pino({ level: 'silent' }),
  });
  const path = `/job/service-scale/buildWithParameters?${query}`;
  const answer = await jenkins.request(path, { method: 'POST', ...init });
  const [asked] = issued;
  const why = asked?.why === undefined ? {} : { why: asked.why };
  return { status: answer.status, parameters: asked?.parameters, ...why };
}

describe('the parameters of a Jenkins job', () => {
  it.each([
    ['scale=+1', '1'],
    ['scale=%201%20', '1'],
    ['scale=%09-1%0A', '-1'],
    ['scale=%2B1', '+1'],
  ])('lose the space around %s, as they did when the job read a number', async (query, scale) => {
    expect(await call(`token=DevOps22&service=web+&${query}`)).toEqual({
      status: 201,
      parameters: { service: 'web', scale },
    });
  });

  it('come from a form of several parts, too', async () => {
    const body = new FormData();
    body.set('token', 'DevOps22');
    body.set('service', 'web');
    body.set('scale', '-2');
    body.set('file', new Blob(['x']));
    expect(await call('', { body })).toEqual({
      status: 201,
      parameters: { service: 'web', scale: '-2' },
    });
  });

  it('do not hold the cause of the call, which says why it was made', async () => {
    const { parameters, why } = await call('token=DevOps22&service=web&scale=1&cause=sale+at+noon');
    expect(parameters).toEqual({ service: 'web', scale: '1' });
    expect(why).toBe('sale at noon');
    expect((await call(`token=DevOps22&scale=1&cause=${'x'.repeat(2_000)}`)).why).toHaveLength(
      1_000,
    );
  });

  it('start nothing where Jidoka posted the alerts itself', async () => {
    const labels = { alertname: 'scale_service', service: 'web', posted_by: 'jidoka' };
    const body = JSON.stringify({ status: 'firing', alerts: [{ status: 'firing', labels }] });
    const headers = { 'content-type': 'application/json' };
    expect(await call('token=DevOps22&service=web&scale=1', { headers, body })).toEqual({
      status: 200,
      parameters: undefined,
    });
  });

  it('are refused where their form breaks off', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    const body = '--x\r\nContent-Disposition: form-data; name="scale"\r\n\r\n1';
    expect(await call('token=DevOps22', { headers, body })).toEqual({
      status: 400,
      parameters: undefined,
    });
  });
});
