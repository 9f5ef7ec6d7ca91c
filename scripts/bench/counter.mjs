// An address that notes when it is called: what runs of the bench change. It answers at once.
import { once } from 'node:events';
import http from 'node:http';

export async function startCounter() {
  const times = [];
  const server = http.createServer((request, response) => {
    times.push(Date.now());
    request.resume();
    response.end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    total: () => times.length,
    /** When it was called, after the first so many times. */
    since: (count) => times.slice(count),
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
