import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** By default large files come first, but what takes longest is small: one that is left over at the end has a core for itself. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean => /\/test\/(e2e|long)\//.test(moduleId);
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [
      // They need a server that `npm run test:postgres` builds, in minutes.
      ...(process.env['ORGSAGA_TEST_TEMPORAL'] === 'postgres' ? [] : ['test/on-postgres/**']),
      // They take minutes, so they run where they are asked for only: `npm run test:long`.
      ...(process.argv.some((argument) => argument.includes('test/long')) ? [] : ['test/long/**']),
    ],
    globalSetup: ['test/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 180_000,
    // Temporal's time-skipping server stops answering once in a while; on CI a test gets a second chance, on a fresh one.
    retry: process.env['CI'] === undefined ? 0 : 1,
    pool: 'forks',
    // One more than the cores of the machines that this runs on: the long ones mostly wait for processes and for time to pass.
    // A full server with its Postgres takes a core for itself.
    maxWorkers: process.env['ORGSAGA_TEST_TEMPORAL'] === 'postgres' ? 1 : 3,
    sequence: { sequencer: LongFirst },
  },
});
