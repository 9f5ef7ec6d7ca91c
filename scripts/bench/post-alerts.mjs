// Alerts of one name about as many services, posted as fast as they are taken.
import { alert, notification } from './common.mjs';

const perPost = 20;
const connections = 8;

/** Posts so many alerts about services `s0`, `s1`, … from the first on; all are taken in when it is done. */
export async function postAlerts(url, { alertname, first = 0, count }) {
  const bodies = [];
  for (let done = 0; done < count; done += perPost) {
    const alerts = Array.from({ length: Math.min(perPost, count - done) }, (_, index) =>
      alert({ alertname, service: `s${first + done + index}` }),
    );
    bodies.push(notification(alerts));
  }
  const post = async () => {
    for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) {
      const answer = await fetch(url, { method: 'POST', body });
      if (!answer.ok) throw new Error(`the engine answered ${answer.status}`);
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: connections }, post));
}
