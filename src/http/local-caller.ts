import type { Context } from 'hono';
import { isLoopback } from '../config.js';

/** Added by proxies: the connection comes from this machine, the caller perhaps not. */
const forwardingHeaders = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/**
 * Whether a request comes from this very machine. The name that it calls us by must be this machine's
 * too, else a web page whose name was made to point here (DNS rebinding) could read along.
 *
 * @param address where its connection comes from
 */
export function isLocalCaller(c: Context, address: string | undefined): boolean {
  return (
    isLoopback(address ?? '') &&
    isLoopback(hostNameOf(c)) &&
    forwardingHeaders.every((name) => c.req.header(name) === undefined)
  );
}

/** The `Host` header without its port. */
function hostNameOf(c: Context): string {
  return (c.req.header('host') ?? '').toLowerCase().replace(/:\d*$/, '');
}
