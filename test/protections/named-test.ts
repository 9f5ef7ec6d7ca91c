import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createVitest } from 'vitest/node';
import { type Row, titlePattern } from './rows.js';

/** What became of the test that a row names. */
export type TestOutcome =
  | { readonly kind: 'passed' }
  /** It ran, and this is what it found. */
  | { readonly kind: 'failed'; readonly found: string }
  /** Its file could not be loaded, or has no such test. */
  | { readonly kind: 'not_run'; readonly why: string };

/** What Redis says of a Lua script that is none: the compiler of TypeScript does not read it. */
const brokenScript = /Error compiling script|user_script:\d+: (attempt to|Script attempted)/;

/** What `createTestRunner` gives. */
export type TestRunner = Awaited<ReturnType<typeof createTestRunner>>;

/**
 * Runs tests of the checkout in `dir`, the parts that they need being started once for all of them.
 * Close it at the end.
 */
export async function createTestRunner(dir: string) {
  // the table alone is printed, not what the tests and the engines in them say
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const vitest = await createVitest(
    'test',
    { root: dir, watch: false, reporters: [{}] },
    {},
    { stdout: nowhere, stderr: nowhere },
  );

  /** Runs the one test that a row names. */
  async function run(row: Row): Promise<TestOutcome> {
    const file = join(dir, row.file);
    const pattern = titlePattern(row);
    const [project] = vitest.projects.filter((one) => one.matchesTestGlob(file));
    if (project === undefined) return { kind: 'not_run', why: `${row.file} is no test` };
    const one = project.createSpecification(file, { testNamePattern: pattern });
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications([one]);
    // vitest notes failed tests for when it ends itself
    process.exitCode = 0;
    const faults = [...unhandledErrors, ...testModules.flatMap((module) => module.errors())];
    const tests = testModules.flatMap((module) => [...module.children.allTests()]);
    const named = tests.filter(({ fullName }) => pattern.test(fullName));
    const errors = named.flatMap((test) => test.result().errors ?? []);
    const found = errors.map(firstLine);
    const broken = found.find((line) => brokenScript.test(line));
    if (broken !== undefined) return { kind: 'not_run', why: broken };
    if (found[0] !== undefined) return { kind: 'failed', found: found[0] };
    if (faults.length > 0) return { kind: 'not_run', why: firstLine(faults[0]) };
    if (!named.some((test) => test.result().state === 'passed')) {
      return { kind: 'not_run', why: `${row.file} has no test "${row.title}"` };
    }
    return { kind: 'passed' };
  }

  return {
    run,
    /** Has files read anew that were changed since they were run. */
    forget(files: Iterable<string>): void {
      for (const file of files) vitest.invalidateFile(file);
    },
    close: () => vitest.close(),
  };
}

function firstLine(error: unknown): string {
  const { message = String(error) } = (error ?? {}) as { message?: string };
  return message.split('\n').find((line) => line.trim() !== '') ?? '';
}
