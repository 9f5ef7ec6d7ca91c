// Posts each of many notifications once, on so many connections at a time: a child process of the bench,
// so that what is measured shares no event loop with it. The alerts are told by their number.
import { connect } from 'node:net';
import { alert, notification } from './common.mjs';

process.on('disconnect', () => process.exit());
process.send('ready');
process.on('message', async ({ url, count, perPost, connections }) => {
  const { hostname, port, pathname } = new URL(url);
  const requests = [];
  for (let first = 0; first < count; first += perPost) {
    const alerts = Array.from({ length: Math.min(perPost, count - first) }, (_, index) =>
      alert({ alertname: 'Known', service: `k${first + index}` }),
    );
    const body = notification(alerts);
    requests.push(
      Buffer.from(
        `POST ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      ),
    );
  }
  requests.reverse();
  let refused = 0;

  /** One connection that posts the next one as soon as it is answered; a refused one is sent again. */
  function post() {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      socket.setNoDelay(true);
      let sent;
      const next = () => {
        sent = requests.pop();
        if (sent !== undefined) return socket.write(sent);
        socket.destroy();
        resolve();
      };
      socket.on('connect', next);
      socket.on('error', reject);
      // answers are small, and come one at a time
      socket.on('data', (chunk) => {
        const status = chunk.toString('latin1', 9, 12);
        if (status === '503') {
          refused += 1;
          requests.push(sent);
        } else if (status !== '200') reject(new Error(`the engine answered ${status}`));
        next();
      });
    });
  }

  const beganMs = performance.timeOrigin + performance.now();
  try {
    await Promise.all(Array.from({ length: connections }, post));
    process.send({ beganMs, refused });
  } catch (error) {
    process.send({ fault: String(error) });
  }
});
