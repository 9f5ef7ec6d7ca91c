import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      {
        test: {
          name: 'parts',
          include: ['test/{integration,acceptance}/**/*.test.ts'],
          globalSetup: 'test/support/global-setup.ts',
          // the kernel ends the parts with the thread that started them: a process each, no threads
          pool: 'forks',
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
