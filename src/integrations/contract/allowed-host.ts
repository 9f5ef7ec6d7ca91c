/** A host that actions may call, as `policy.yaml` lists it. */
export interface AllowedHost {
  /** Scheme, host and port. */
  readonly origin: string;
  /** The environment variable that holds what it gets in the header Authorization; left out, none. */
  readonly authorization?: string | undefined;
}

/** What the variable of a credential is called that a host may be given; no other is any of its business. */
export const credentialName = /^JIDOKA_HTTP_[A-Z0-9_]*[A-Z0-9](?<!_FILE)$/;

/** Why a host is not called. */
export function unlisted(origin: string): string {
  return `${origin} is not among the hosts that policy.yaml allows (http: hosts:)`;
}

/** What is wrong with the origin of a host; `undefined`: nothing. */
export function originFault(text: string): string | undefined {
  const url = parseAddress(text);
  const isHost = url !== undefined && !/[*\s]/.test(text);
  if (!isHost || url.username !== '' || url.password !== '') {
    return 'expected scheme, host and port without wildcards, such as https://ci.example.com:8443';
  }
  if (url.origin === text) return undefined;
  return `expected scheme, host and port alone: ${url.origin}`;
}

/** Scheme, host and port of an address; `undefined`: it is none. */
export function originOf(address: string): string | undefined {
  return parseAddress(address)?.origin;
}

/** Reads an address of HTTP or HTTPS; `undefined`: it is none. */
export function parseAddress(text: string): URL | undefined {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return undefined;
  return new URL(text);
}
