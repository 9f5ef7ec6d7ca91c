import type { Context } from 'hono';
import { isLoopback } from './loopback.js';
import { hostNameOf } from './own-name.js';

/** Added by proxies: the connection comes from this machine, the caller perhaps not. */
const forwarding =
  /^(forwarded|via|x-forwarded(-.*)?|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|cf-connecting-ip|x-original-.*|x-envoy-.*)$/;

/**
 * Whether a request comes from this very machine. The name that it calls us by must be this machine's
 * too, else a web page whose name was made to point here (DNS rebinding) could read along. A proxy on this
 * machine may hide that it is one, so this means something only where nothing says that the engine faces
 * others (`Config.facing`).
 *
 * @param address where its connection comes from
 */
export function isLocalCaller(c: Context, address: string | undefined): boolean {
  return (
    isLoopback(address ?? '') &&
    isLoopback(hostNameOf(c)) &&
    !Object.keys(c.req.header()).some((name) => forwarding.test(name))
  );
}
