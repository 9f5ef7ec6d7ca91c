import { expect, test } from 'vitest';
import { describeTarget } from '../../../src/integrations/describe-target.js';

test.each([
  ['swarm.service/x', 'web', 'service web'],
  ['swarm.node/x', 'w1', 'node w1'],
  ['asg/workers', 'workers', 'group workers'],
  ['swarm.services/a=b', 'the services labelled a=b', 'the services labelled a=b'],
  ['http/POST https://ci.example/', 'POST https://ci.example/', 'POST https://ci.example/'],
  ['other/x', 'x', 'x'],
])('%s is called by what it is', (id, name, words) => {
  expect(describeTarget({ id, name })).toBe(words);
});
