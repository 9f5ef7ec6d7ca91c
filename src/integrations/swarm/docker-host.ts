import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, messageOf } from '../../lib/errors.js';
import type { Environment } from '../contract/settings.js';

/** Where a Docker Engine listens, with every setting spelled out that dockerode would else take from the environment. */
export interface DockerHost {
  /** For people: `unix:///var/run/docker.sock`, `tcp://10.0.0.1:2376`. Holds no secret. */
  readonly text: string;
  readonly connection: {
    readonly socketPath: string | undefined;
    readonly host: string | undefined;
    readonly port: number | undefined;
    readonly protocol: 'http' | 'https';
    readonly ca: string | undefined;
    readonly cert: string | undefined;
    readonly key: string | undefined;
  };
}

const defaultHost = 'unix:///var/run/docker.sock';
const forms = 'unix:///path/to/docker.sock, tcp://host:2375 or https://host:2376';

/**
 * Reads `DOCKER_HOST` as the docker command does: `unix://`, `tcp://`, `http://` and `https://`.
 * `tcp://` is TLS where `DOCKER_TLS_VERIFY` is set to anything; the certificates (`ca.pem`,
 * `cert.pem`, `key.pem`) are in `DOCKER_CERT_PATH`, and the server's is always verified. Reads files,
 * connects to nothing.
 *
 * @throws InputError that names the variable, what was expected and what to do.
 */
export function parseDockerHost(dockerHost: string | undefined, env: Environment): DockerHost {
  const text = dockerHost || defaultHost;
  if (text.startsWith('unix://')) {
    const socketPath = text.slice('unix://'.length);
    if (!socketPath.startsWith('/')) {
      throw fault(`"${text}" has no absolute path; expected unix:///path/to/docker.sock`);
    }
    const plain = { host: undefined, port: undefined, ca: undefined, cert: undefined };
    return { text, connection: { ...plain, key: undefined, socketPath, protocol: 'http' } };
  }

  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'ssh:') {
    throw fault(
      'ssh:// is not supported. Forward the socket (ssh -N -L /run/swarm.sock:/var/run/docker.sock manager) ' +
        'and set DOCKER_HOST=unix:///run/swarm.sock, or use tcp:// with TLS',
    );
  }
  if (url === undefined || !['tcp:', 'http:', 'https:'].includes(url.protocol)) {
    const shown = text.includes('@') ? 'it' : `"${text}"`;
    throw fault(`${shown} cannot be read; expected ${forms}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw fault('holds a user name or a password, which Docker does not take; use certificates');
  }
  if (url.hostname === '' || !['', '/'].includes(url.pathname) || url.search !== '') {
    throw fault(`"${text}" must be a host and a port and nothing else; expected ${forms}`);
  }

  const secure = url.protocol === 'https:' || (url.protocol === 'tcp:' && !!env.DOCKER_TLS_VERIFY);
  return {
    text,
    connection: {
      socketPath: undefined,
      host: url.hostname,
      port: Number(url.port) || portOf(url.protocol, secure),
      protocol: secure ? 'https' : 'http',
      ...(secure ? readCertificates(env.DOCKER_CERT_PATH) : noCertificates),
    },
  };
}

/** URL drops a port that is the scheme's default, so `https://host:443` arrives without one. */
function portOf(protocol: string, secure: boolean): number {
  if (protocol === 'https:') return 443;
  if (protocol === 'http:') return 80;
  return secure ? 2376 : 2375;
}

const noCertificates = { ca: undefined, cert: undefined, key: undefined };

function readCertificates(folder: string | undefined) {
  if (!folder) return noCertificates;
  const read = (name: string) => {
    try {
      return readFileSync(join(folder, name), 'utf8');
    } catch (error) {
      throw new InputError(
        `DOCKER_CERT_PATH: expected ca.pem, cert.pem and key.pem in ${folder}: ${messageOf(error)}`,
        'DOCKER_CERT_PATH',
      );
    }
  };
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
}

function fault(message: string): InputError {
  return new InputError(`DOCKER_HOST: ${message}`, 'DOCKER_HOST');
}
