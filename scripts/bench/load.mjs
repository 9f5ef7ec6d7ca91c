// Posts notifications in turn, over and over, on so many connections at a time: a child process of the
// bench, so that what is measured shares no event loop with it. It says how many answers came in how
// long, and after how many milliseconds each.
import { connect } from 'node:net';

process.on('disconnect', () => process.exit());
process.send('ready');
process.on('message', async ({ url, bodies, connections, seconds, warmUpSeconds = 0 }) => {
  const { hostname, port, pathname } = new URL(url);
  const requests = bodies.map((body) =>
    Buffer.from(
      `POST ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    ),
  );
  let sent = 0;
  const latencies = [];
  const statuses = {};
  const measureFromMs = performance.now() + warmUpSeconds * 1_000;
  const untilMs = measureFromMs + seconds * 1_000;

  /** One connection that posts anew as soon as it is answered. */
  function post() {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      socket.setNoDelay(true);
      let sentAtMs = 0;
      let pending = '';
      const send = () => {
        sentAtMs = performance.now();
        socket.write(requests[sent++ % requests.length]);
      };
      socket.on('connect', send);
      socket.on('error', reject);
      socket.on('data', (chunk) => {
        pending += chunk.toString('latin1');
        const end = lengthOfAnswer(pending);
        if (end === null || pending.length < end) return;
        const status = pending.slice(9, 12);
        pending = pending.slice(end);
        const nowMs = performance.now();
        if (sentAtMs >= measureFromMs && nowMs <= untilMs) {
          latencies.push(nowMs - sentAtMs);
          statuses[status] = (statuses[status] ?? 0) + 1;
        }
        if (nowMs < untilMs) return send();
        socket.destroy();
        resolve();
      });
    });
  }

  try {
    await Promise.all(Array.from({ length: connections }, post));
    process.send({ seconds, latencies, statuses });
  } catch (error) {
    process.send({ fault: String(error) });
  }
});

/** How many characters the first answer has; `null`: its head is not there yet. */
function lengthOfAnswer(text) {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, headEnd + 2))?.[1];
  return length === undefined ? null : headEnd + 4 + Number(length);
}
