import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseDockerHost } from '../../../../src/integrations/swarm/docker-host.js';
import { InputError } from '../../../../src/lib/errors.js';

const certificates = mkdtempSync(join(tmpdir(), 'jidoka-certificates-'));
for (const name of ['ca', 'cert', 'key']) writeFileSync(join(certificates, `${name}.pem`), name);
afterAll(() => rmSync(certificates, { recursive: true }));

function messageFor(dockerHost: string, env = {}): string {
  try {
    parseDockerHost(dockerHost, env);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).message;
  }
  throw new Error(`${dockerHost} was taken`);
}

describe('DOCKER_HOST', () => {
  it('is the usual socket where it is not set', () => {
    for (const unset of [undefined, '']) {
      expect(parseDockerHost(unset, {}).connection.socketPath).toBe('/var/run/docker.sock');
    }
  });

  it('may be another socket', () => {
    expect(parseDockerHost('unix:///run/swarm.sock', {}).connection).toMatchObject({
      socketPath: '/run/swarm.sock',
      host: undefined,
    });
  });

  it.each([
    ['tcp://manager', 'manager', 2375, 'http'],
    ['tcp://10.0.0.1:4000', '10.0.0.1', 4000, 'http'],
    ['tcp://[::1]:2375/', '[::1]', 2375, 'http'],
    ['http://manager:8080', 'manager', 8080, 'http'],
    ['http://manager', 'manager', 80, 'http'],
    ['https://manager', 'manager', 443, 'https'],
    ['https://manager:2376', 'manager', 2376, 'https'],
  ])('may be %s', (text, host, port, protocol) => {
    expect(parseDockerHost(text, {}).connection).toMatchObject({
      socketPath: undefined,
      host,
      port,
      protocol,
      ca: undefined,
    });
  });

  it('is TLS with certificates where DOCKER_TLS_VERIFY is set', () => {
    const env = { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certificates };
    expect(parseDockerHost('tcp://manager', env).connection).toEqual({
      socketPath: undefined,
      host: 'manager',
      port: 2376,
      protocol: 'https',
      ca: 'ca',
      cert: 'cert',
      key: 'key',
    });
  });

  it('says which certificates it expects', () => {
    const env = { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/nowhere' };
    expect(messageFor('tcp://manager', env)).toMatch(/DOCKER_CERT_PATH: expected ca.pem.*nowhere/);
  });

  it('says what to do in place of ssh', () => {
    expect(messageFor('ssh://me@manager')).toMatch(/ssh:\/\/ is not supported.*ssh -N -L/);
  });

  it('repeats no password', () => {
    const message = messageFor('http://me:geheim@manager');
    expect(message).toContain('password');
    expect(message).not.toContain('geheim');
  });

  it.each(['manager:2375', 'unix://docker.sock', 'npipe:////./pipe/x', 'tcp://', 'tcp://a/b'])(
    'is not %s',
    (text) => {
      expect(messageFor(text)).toMatch(/^DOCKER_HOST: /);
    },
  );
});
