import type Docker from 'dockerode';

/*
 * Calls whose bodies are texts as they came and as they go: dockerode itself parses and writes them, and
 * numbers above 2^53 lose digits on the way.
 */

/** What dockerode is built on, which its types leave open. */
interface Modem {
  readonly headers: Readonly<Record<string, string>>;
  dial(options: Dial, done: (error: unknown, answer: unknown) => void): void;
}

interface Dial {
  readonly method: 'GET' | 'POST';
  /** With a `?` at its end the query of `options` follows. */
  readonly path: string;
  readonly abortSignal: AbortSignal;
  readonly statusCodes: Readonly<Record<number, true>>;
  readonly isStream?: true;
  readonly file?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly options?: { readonly _query: Readonly<Record<string, string | number>> };
}

/** Reads the body of an answer as it came. Throws what dockerode throws. */
export async function readText(
  docker: Docker,
  path: string,
  abortSignal: AbortSignal,
): Promise<string> {
  return (await readBytes(docker, path, abortSignal)).toString();
}

/** Reads the bytes of an answer as they came. Throws what dockerode throws. */
export async function readBytes(
  docker: Docker,
  path: string,
  abortSignal: AbortSignal,
  more: {
    readonly query?: Readonly<Record<string, string | number>>;
    readonly headers?: Readonly<Record<string, string>> | undefined;
  } = {},
): Promise<Buffer> {
  const { query, headers } = more;
  const asked = query === undefined ? { path } : { path: `${path}?`, options: { _query: query } };
  const answer = await dial(docker, {
    ...{ method: 'GET', ...asked, abortSignal },
    ...{ isStream: true, statusCodes: { 200: true } },
    headers: { ...modemOf(docker).headers, ...headers },
  });
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Posts a JSON text as it is, and returns what was answered. Throws what dockerode throws. */
export async function postText(
  docker: Docker,
  path: string,
  query: Readonly<Record<string, string | number>>,
  text: string,
  abortSignal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  return dial(docker, {
    ...{ method: 'POST', path: `${path}?`, options: { _query: query }, abortSignal },
    ...{ file: Buffer.from(text), statusCodes: { 200: true, 201: true } },
    headers: { ...modemOf(docker).headers, ...headers, 'Content-Type': 'application/json' },
  });
}

function dial(docker: Docker, options: Dial): Promise<unknown> {
  return new Promise((resolve, reject) => {
    modemOf(docker).dial(options, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
}

function modemOf({ modem }: Docker): Modem {
  return modem as unknown as Modem;
}
