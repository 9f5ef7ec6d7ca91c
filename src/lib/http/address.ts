/** An address without user and password, and the header that carries them instead. */
export interface SplitAddress {
  /** Without a slash at its end. */
  readonly base: string;
  /** The value of the header `Authorization`; `undefined`: the address has neither user nor password. */
  readonly authorization: string | undefined;
}

/** Splits the address of an HTTP API: `fetch` takes no user and password in one. Throws for what is no address. */
export function splitAddress(url: string): SplitAddress {
  const address = new URL(url);
  const { username, password } = address;
  address.username = '';
  address.password = '';
  const base = `${address.origin}${address.pathname}`.replace(/\/+$/, '');
  if (username === '' && password === '') return { base, authorization: undefined };
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { base, authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}
