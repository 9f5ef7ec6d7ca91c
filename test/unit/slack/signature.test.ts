import { expect, test } from 'vitest';
import { verifySlackSignature } from '../../../src/slack/signature.js';

// the worked example of docs.slack.dev, Verifying requests from Slack
const example = {
  signingSecret: '8f742231b10e8888abcd99yyyzzz85a5',
  timestamp: '1531420618',
  signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  body: Buffer.from(
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V' +
      '&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=' +
      '&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN' +
      '&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  ),
  nowMs: 1_531_420_618_000,
};

test("Slack's own example is valid, for five minutes either way", () => {
  for (const offsetMs of [0, 300_000, -300_000]) {
    const nowMs = example.nowMs + offsetMs;
    expect(verifySlackSignature({ ...example, nowMs })).toBe('valid');
  }
});

test('it is stale after that, and before', () => {
  for (const offsetMs of [300_001, -300_001]) {
    const nowMs = example.nowMs + offsetMs;
    expect(verifySlackSignature({ ...example, nowMs })).toBe('stale');
  }
});

test.each([
  ['another secret', { signingSecret: 'other' }],
  ['another body', { body: Buffer.from('token=other') }],
  ['another time', { timestamp: '1531420619' }],
  ['no signature', { signature: undefined }],
  ['an empty signature', { signature: '' }],
  ['another version', { signature: example.signature.replace('v0', 'v1') }],
  ['no time', { timestamp: undefined }],
  ['a time that is no number', { timestamp: '1531420618x' }],
  ['an empty time', { timestamp: '' }],
])('%s is invalid', (_, change) => {
  expect(verifySlackSignature({ ...example, ...change })).toBe('invalid');
});
