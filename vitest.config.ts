import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    maxWorkers: 2,
    // which Node runs here is the engine's own affair; the AWS SDK's notice about it is noise
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 30_000 } },
      {
        test: {
          name: 'parts',
          include: ['test/{integration,acceptance,browser,chaos}/**/*.test.ts'],
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
