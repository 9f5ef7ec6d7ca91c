import { expect, test } from 'vitest';
import { documentBlock } from '../../support/document.js';
import { draftOf } from '../../support/lesson.js';

test('docs/how-to/learn-from-clicks.md shows what becomes of its example', async () => {
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
  expect(documentBlock('docs/how-to/learn-from-clicks.md', 'yaml', 'name: checkout-slow')).toBe(
    draft.text,
  );
  expect(documentBlock('docs/how-to/learn-from-clicks.md', 'yaml', '&alert')).toBe(draft.testText);
});
