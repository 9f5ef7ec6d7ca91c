import { expect, test } from 'vitest';
import { packTexts, unpackTexts } from '../../../../src/engine/playbook-set/codec.js';
import { playbookText } from '../../../support/many-playbooks.js';

const policy = { file: 'policy.yaml', text: 'bounds: { min: 1 } # ä\n' };
const textsOf = (count: number) => ({
  files: Array.from({ length: count }, (_, index) => ({
    file: `${index}.yaml`,
    text: playbookText(index),
  })),
  policy,
});

test.each([0, 1, 1_000])(
  'the texts of %d playbooks are read as they were packed',
  async (count) => {
    expect(await unpackTexts(await packTexts(textsOf(count)))).toEqual(textsOf(count));
  },
);

test('few texts stay readable, and many take a tenth of their size at most', async () => {
  expect(await packTexts(textsOf(1))).toBe(JSON.stringify(textsOf(1)));
  const many = textsOf(1_000);
  expect((await packTexts(many)).length).toBeLessThan(JSON.stringify(many).length / 10);
});

test('what is no set of texts is said', async () => {
  await expect(unpackTexts('nonsense')).rejects.toThrow('incorrect header check');
  await expect(unpackTexts('{')).rejects.toThrow('JSON');
});
