// Ten thousand playbooks, in a process of their own that has done nothing else before: how long they take to
// load, how long its event loop stands still when they change, what they take up, and what an alert costs.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { playbookSet } from './playbook-set.mjs';

export async function measurePlaybooks({ count, record }) {
  const folder = await mkdtemp(join(tmpdir(), 'jidoka-bench-'));
  try {
    for (const { file, text } of playbookSet(count)) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), text);
    }
    for (const { what, target, ...figure } of await measured(folder, count)) {
      const asked = target === undefined ? {} : { mark: target, of: 'the target', atMost: 1 };
      record({ what: `${count} playbooks: ${what}`, ...figure, ...asked });
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measured(folder, count) {
  const child = fork(new URL('./playbooks-process.mjs', import.meta.url), [folder, `${count}`], {
    execArgv: ['--expose-gc'],
  });
  const exited = once(child, 'exit');
  let figures;
  child.on('message', (message) => {
    figures = message;
  });
  const [code] = await exited;
  if (figures === undefined) throw new Error(`measuring playbooks ended with code ${code}`);
  return figures;
}
