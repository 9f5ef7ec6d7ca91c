import { defineConfig } from 'vitest/config';
import { WaitingFirst } from './test/support/waiting-first.js';

const mocked = 'test/unit/**/*.mocked.test.ts';
const unit = {
  include: ['test/unit/**/*.test.ts'],
  setupFiles: 'test/support/fixed-seed.ts',
  // well above one wait of test/support/eventually.ts, which says what is missing
  testTimeout: 120_000,
  hookTimeout: 120_000,
};

const programs = {
  setupFiles: 'test/support/fixed-seed.ts',
  // the kernel ends the parts with the thread that started them: a process each, no threads
  pool: 'forks' as const,
  // well above the sum of the waits in one test
  testTimeout: 180_000,
  hookTimeout: 120_000,
};

export default defineConfig({
  test: {
    // more than the processors of a small machine: many tests wait for programs, which need processors, too
    maxWorkers: 3,
    sequence: { sequencer: WaitingFirst },
    // which Node runs here is the engine's own affair; the AWS SDK's notice about it is noise
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    projects: [
      {
        test: {
          ...unit,
          name: 'unit',
          exclude: [mocked],
          // these tests change nothing outside themselves: the files of a worker share one loaded copy of src
          isolate: false,
        },
      },
      {
        // their replaced modules must reach no other file
        test: { ...unit, name: 'unit-mocked', include: [mocked] },
      },
      {
        test: {
          ...programs,
          name: 'parts',
          include: ['test/{integration,acceptance,browser}/**/*.test.ts'],
          globalSetup: 'test/support/global-setup.ts',
        },
      },
      {
        test: {
          ...programs,
          name: 'chaos',
          include: ['test/chaos/**/*.test.ts'],
          globalSetup: 'test/support/chaos-setup.ts',
          // alone and last: each keeps all processors busy with engines, and what it waits for must not starve
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
        },
      },
      {
        test: {
          ...programs,
          name: 'deploy',
          include: ['test/deploy/**/*.test.ts'],
          globalSetup: 'test/support/deploy-setup.ts',
          sequence: { groupOrder: 2 },
          maxWorkers: 1,
        },
      },
    ],
  },
});
