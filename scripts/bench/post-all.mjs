// Posts each of many notifications once, on so many connections at a time: a child process of the bench,
// so that what is measured shares no event loop with it. The alerts are told by their number.
import { connect } from 'node:net';
import { alert, notification } from './common.mjs';

process.on('disconnect', () => process.exit());
process.send('ready');
process.on('message', async ({ url, count, perPost, connections, first = 0, stride = 1 }) => {
  const { hostname, port, pathname } = new URL(url);
  const head = `POST ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\n`;
  const again = [];
  let made = 0;

  /** The next request; `undefined`: all are sent. */
  function nextRequest() {
    if (again.length > 0 || made >= count) return again.pop();
    const alerts = Array.from({ length: Math.min(perPost, count - made) }, (_, index) =>
      alert({ alertname: 'Known', service: `k${first + (made + index) * stride}` }),
    );
    made += alerts.length;
    const body = notification(alerts);
    return Buffer.from(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  let refused = 0;

  /** One connection that posts the next one as soon as it is answered; a refused one is sent again. */
  function post() {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      socket.setNoDelay(true);
      let sent;
      const next = () => {
        sent = nextRequest();
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
          again.push(sent);
          setTimeout(next, 100);
          return;
        }
        if (status !== '200') reject(new Error(`the engine answered ${status}`));
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
