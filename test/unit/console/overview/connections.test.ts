import { expect, test } from 'vitest';
import { Connections } from '../../../../src/console/overview/connections.js';

test('faults come first, and what is not set up is folded away with what to do', () => {
  const page = String(
    Connections({
      health: [
        { name: 'Slack', state: 'off', detail: 'set SLACK_BOT_TOKEN' },
        { name: 'Redis', state: 'good', detail: 'writable' },
        { name: 'Swarm', state: 'bad', detail: 'no answer' },
      ],
    }),
  );
  expect(page).toContain('unhealthy: no answer');
  expect(page.indexOf('Swarm')).toBeLessThan(page.indexOf('Redis'));
  expect(page).toContain('<summary>1 not set up</summary>');
  expect(page.indexOf('<summary>')).toBeLessThan(page.indexOf('set SLACK_BOT_TOKEN'));
});
