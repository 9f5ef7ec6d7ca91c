import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

/** How to log in to a registry. */
export interface RegistryLogin {
  /** The value of the header `X-Registry-Auth`. */
  readonly header: string;
  /** What of it must never be shown. */
  readonly secrets: readonly string[];
}

const configSchema = z.object({
  auths: z
    .record(
      z.string(),
      z.object({ auth: z.string().optional(), identitytoken: z.string().optional() }),
    )
    .default({}),
});

const dockerHub = 'https://index.docker.io/v1/';

/** The key of an image's registry in `config.json`. */
function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return isHost ? first : dockerHub;
}

/**
 * Reads the login for the registry of an image from Docker's `config.json`; `undefined`: there is none. It is
 * read again each time, because logins are renewed. Helpers that keep passwords elsewhere are not asked.
 *
 * @param folder `DOCKER_CONFIG`, or `.docker` in the home folder
 */
export async function registryLogin(
  image: string,
  folder = process.env.DOCKER_CONFIG || join(homedir(), '.docker'),
): Promise<RegistryLogin | undefined> {
  const registry = registryOf(image);
  const found = await readConfig(join(folder, 'config.json'));
  const entry = Object.entries(found.auths).find(
    ([key]) =>
      key === registry || key.replace(/^https?:\/\//, '').replace(/\/.*$/, '') === registry,
  )?.[1];
  if (entry === undefined) return undefined;
  const [username = '', ...rest] = Buffer.from(entry.auth ?? '', 'base64')
    .toString()
    .split(':');
  const password = rest.join(':');
  const login =
    entry.identitytoken === undefined
      ? { username, password, serveraddress: registry }
      : { identitytoken: entry.identitytoken, serveraddress: registry };
  const header = Buffer.from(JSON.stringify(login)).toString('base64url');
  const secrets = [header, entry.auth, entry.identitytoken, password].filter(
    (secret) => secret !== undefined && secret !== '',
  );
  return { header, secrets: secrets as string[] };
}

async function readConfig(path: string): Promise<z.output<typeof configSchema>> {
  try {
    return configSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    // a file that is missing or is none of Docker's holds no login
    return { auths: {} };
  }
}
