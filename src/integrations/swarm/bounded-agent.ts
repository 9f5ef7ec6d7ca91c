import {
  type Agent,
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

/** Node's own way into an agent, which its types leave out. */
interface Entrance {
  addRequest(request: ClientRequest, ...more: readonly unknown[]): void;
}

/**
 * Makes an agent of Node that breaks off answers that are longer than `maxBytes`: dockerode reads each to
 * its end before it gives it out. Streams of events have no end and are left alone. Connections are not
 * kept.
 */
export function createBoundedAgent(protocol: 'http' | 'https', maxBytes: number): Agent {
  const agent = protocol === 'https' ? new HttpsAgent() : new HttpAgent();
  const { addRequest } = agent as unknown as Entrance;
  const bounded: Entrance = {
    addRequest(request, ...more) {
      if (!/\/events(\?|$)/.test(request.path)) {
        request.once('response', (response) => bound(response, maxBytes));
      }
      addRequest.call(agent, request, ...more);
    },
  };
  return Object.assign(agent, bounded);
}

/** Counts what arrives on its way into the stream, so that its reader may begin late. */
function bound(response: IncomingMessage, maxBytes: number): void {
  const push = response.push.bind(response);
  let size = 0;
  response.push = (chunk: Buffer | null, encoding) => {
    size += chunk?.length ?? 0;
    if (size <= maxBytes) return push(chunk, encoding);
    response.destroy(new Error(`its answer is longer than ${maxBytes} bytes`));
    return false;
  };
}
