import { isDeepStrictEqual } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { OwnPlaybooks, PlaybookChecker } from '../engine/playbook-set/playbook-checker.js';
import { messageOf } from '../lib/errors.js';
import { formatProblem } from '../playbook/problem.js';
import type { PlaybookTexts } from '../playbook/read.js';

const withinMs = 60_000;
const maxMegabytes = 512;

/**
 * Checks changed playbooks on a thread of their own first, bounded in time and memory: whatever a file
 * holds, the event loop of the receiver does not wait for it. What is without fault there is then parsed here.
 */
export function createVetting({
  own,
  check,
}: {
  readonly own: OwnPlaybooks;
  readonly check: PlaybookChecker;
}): { readonly check: PlaybookChecker; stop(): Promise<void> } {
  let last = own.texts;
  let current: Worker | undefined;

  async function vet(changed: PlaybookTexts): Promise<readonly string[]> {
    let late: NodeJS.Timeout | undefined;
    try {
      const thread = new Worker(new URL('../app/vet-thread.js', import.meta.url), {
        workerData: changed,
        resourceLimits: { maxOldGenerationSizeMb: maxMegabytes },
      });
      current = thread;
      return await new Promise<readonly string[]>((resolve, reject) => {
        thread.once('message', resolve);
        thread.once('error', reject);
        thread.once('exit', () => reject(new Error('it ended before it was done')));
        const tooLate = `it took longer than ${withinMs / 1_000} s; look for large files and large regular expressions`;
        late = setTimeout(() => reject(new Error(tooLate)), withinMs);
      });
    } catch (error) {
      return [`the check of the changed playbooks failed: ${messageOf(error)}`];
    } finally {
      clearTimeout(late);
      await current?.terminate();
      current = undefined;
    }
  }

  return {
    async check(texts, unread = []) {
      const changed = changedSince(last, texts);
      const isChanged =
        changed.files.length > 0 || changed.policy.text !== '' || changed.jobs !== undefined;
      const faults = isChanged ? await vet(changed) : [];
      const problems = [...unread.map(formatProblem), ...faults];
      if (problems.length > 0) return { kind: 'bad', problems };
      const checked = await check(texts);
      if (checked.kind === 'good') last = checked.set.texts;
      return checked;
    },

    async stop() {
      await current?.terminate();
    },
  };
}

/** What differs from texts that are without fault: those files, the policy, else an empty one, and the jobs. */
function changedSince(before: PlaybookTexts, now: PlaybookTexts): PlaybookTexts {
  const known = new Map(before.files.map(({ file, text }) => [file, text]));
  const { policy, jobs } = now;
  return {
    files: now.files.filter(({ file, text }) => known.get(file) !== text),
    policy: policy.text === before.policy.text ? { ...policy, text: '' } : policy,
    ...(isDeepStrictEqual(jobs, before.jobs) ? {} : { jobs }),
  };
}
