import { describe, expect, it } from 'vitest';
import type {
  AutoScaling,
  InstanceRefresh,
} from '../../../../src/integrations/aws/auto-scaling.js';
import { checkAws } from '../../../../src/integrations/aws/connect.js';
import { TargetError } from '../../../../src/integrations/contract/target-error.js';

/** What the start says about Auto Scaling. */
async function startLine(refresh: () => Promise<InstanceRefresh>): Promise<string> {
  const autoScaling = {
    check: async () => ({ region: 'eu-central-1' }),
    instanceRefresh: refresh,
  } as Partial<AutoScaling> as AutoScaling;
  const settings = { region: 'eu-central-1', endpoint: undefined, workerAsg: 'workers' };
  const { state, detail } = await checkAws(autoScaling, settings);
  expect(state).toBe('connected');
  return detail;
}

describe('the line about Auto Scaling at the start', () => {
  const as = 'Auto Scaling in eu-central-1; group for worker nodes: workers';

  it('says that instance refreshes cannot be seen, why, and what to do', async () => {
    const unseen = { kind: 'unseen', why: 'it has no such call', advice: 'look yourself' } as const;
    expect(await startLine(async () => unseen)).toBe(
      `${as}; its instance refreshes cannot be seen, and it is resized all the same: it has no such call; look yourself`,
    );
  });

  it('says nothing of it where they can be seen, or where the group cannot be read now', async () => {
    expect(await startLine(async () => ({ kind: 'seen', isActive: true }))).toBe(as);
    const failed = new TargetError('not_found', 'no group');
    expect(await startLine(() => Promise.reject(failed))).toBe(as);
  });
});
