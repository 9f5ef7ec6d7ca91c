import { once } from 'node:events';
import http from 'node:http';

/** A server that is called: it notes when, and answers each with an empty object. */
export async function startTarget() {
  const arrivals = [];
  const server = http.createServer((request, answer) => {
    arrivals.push(performance.now());
    request.resume();
    answer.setHeader('content-type', 'application/json');
    answer.end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    arrivals,
    origin: `http://127.0.0.1:${server.address().port}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
