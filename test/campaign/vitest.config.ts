import { defineConfig } from 'vitest/config';

/** The long form of the durability tests: `npm run test:durability`. */
export default defineConfig({
  test: {
    include: ['test/campaign/**/*.campaign.ts'],
    globalSetup: ['test/global-setup.ts'],
    testTimeout: 10 * 60_000,
    hookTimeout: 180_000,
    pool: 'forks',
    maxWorkers: 1,
  },
});
