import { expect, test } from 'vitest';
import { createPlaybookChecker } from '../../../../src/engine/playbook-set/playbook-checker.js';
import { createOfflineRegistry } from '../../../../src/integrations/offline-registry.js';
import { playbookText } from '../../../support/many-playbooks.js';

const policy = { file: 'policy.yaml', text: '' };
const fileOf = (index: number) => ({ file: `${index}.yaml`, text: playbookText(index) });

test('a check of many playbooks lets its event loop do other things', async () => {
  const check = createPlaybookChecker(createOfflineRegistry());
  let turns = 0;
  const count = () => {
    turns += 1;
    turning = setImmediate(count);
  };
  let turning = setImmediate(count);
  const files = Array.from({ length: 500 }, (_, index) => fileOf(index));
  const checked = await check({ files, policy });
  clearImmediate(turning);
  expect(checked).toMatchObject({ kind: 'good' });
  expect(turns).toBeGreaterThan(2);
});

test('a check of what has changed says what a check of all would say', async () => {
  const check = createPlaybookChecker(createOfflineRegistry());
  const texts = { files: [fileOf(1), fileOf(2), fileOf(3)], policy };
  const anew = (files: typeof texts.files) =>
    createPlaybookChecker(createOfflineRegistry())({ files, policy });
  const names = async (checked: ReturnType<typeof check>) => {
    const result = await checked;
    return result.kind === 'bad'
      ? result.problems
      : [result.set.hash, ...result.set.library.playbooks.map(({ name, file }) => file + name)];
  };
  expect(await names(check(texts))).toEqual(await names(anew(texts.files)));
  const twice = [...texts.files, { file: 'again.yaml', text: playbookText(2) }];
  expect(await names(check({ files: twice, policy }))).toEqual(await names(anew(twice)));
  const broken = [fileOf(1), { file: '2.yaml', text: 'name: [' }];
  expect(await names(check({ files: broken, policy }))).toEqual(await names(anew(broken)));
  const moved = [fileOf(3), { file: '9.yaml', text: playbookText(1) }];
  expect(await names(check({ files: moved, policy }))).toEqual(await names(anew(moved)));
});
