// Whether a storm of alerts keeps the engine from acting: how many changes a second reach the targets
// while nothing else comes in, and while as much is posted as is taken.
import { alert, load, notification, until } from './common.mjs';
import { startEngine } from './engine.mjs';

const together = 20;

export async function measureStarvation({ actions, seconds, record }) {
  const alone = await rate(actions, 0);
  const stormed = await rate(actions, seconds);
  const what = 'changes made while intake is saturated';
  record({ what, unit: '/s', ours: stormed, mark: alone, of: 'with nothing else', atLeast: 0.7 });
}

async function rate(actions, stormSeconds) {
  const engine = await startEngine({ services: actions });
  const { swarm, url } = engine;
  try {
    const body = notification([alert({ alertname: 'Known', service: 'any' })]);
    const storm =
      stormSeconds > 0 ? load({ url, bodies: [body], seconds: 600, warmUpSeconds: 0 }) : undefined;
    // it ends with its process, when the changes are made
    storm?.catch(() => {});
    const beganMs = performance.now();
    for (let first = 0; first < actions; first += together) {
      const alerts = Array.from({ length: Math.min(together, actions - first) }, (_, index) =>
        alert({ alertname: 'Slow', service: `s${first + index}` }),
      );
      const answer = await fetch(url, { method: 'POST', body: notification(alerts) });
      if (!answer.ok) throw new Error(`the engine answered ${answer.status}`);
    }
    await until(() => swarm.updates.length >= actions, 'all changes are made');
    return actions / ((performance.now() - beganMs) / 1_000);
  } finally {
    await engine.stop();
  }
}
