import { expect, test } from 'vitest';
import { draftOf } from '../../../support/lesson.js';
import { documentBlock } from '../../../support/readme.js';

test('docs/learning.md shows what becomes of its example', async () => {
  const draft = await draftOf({
    by: 'ada',
    target: 'checkout',
    labels: {
      alertname: 'CheckoutSlow',
      service: 'checkout',
      severity: 'critical',
      pod: 'checkout-7f',
    },
  });
  expect(draft.file).toBe('learned/checkout-slow-scale-up-checkout.yaml');
  expect(documentBlock('docs/learning.md', 'yaml', 'name: checkout-slow')).toBe(draft.text);
  expect(documentBlock('docs/learning.md', 'yaml', '&alert')).toBe(draft.testText);
});
