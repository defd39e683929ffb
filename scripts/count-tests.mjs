// Prints "N passed, N failed" from vitest's JSON report; exits 1 where any failed, none ran, or there is no report.
import { readFileSync } from 'node:fs';

function count(file) {
  try {
    const { numPassedTests, testResults } = JSON.parse(readFileSync(file, 'utf8'));
    // A file that cannot be loaded has failed, though none of its tests has.
    const failed = testResults.map(({ status, assertionResults }) => {
      const tests = assertionResults.filter((test) => test.status === 'failed').length;
      return status === 'failed' ? Math.max(1, tests) : tests;
    });
    return { passed: numPassedTests, failed: failed.reduce((sum, number) => sum + number, 0) };
  } catch (error) {
    process.stderr.write(`There is no report of the tests: ${error.message}\n`);
    return { passed: 0, failed: 0 };
  }
}

const { passed, failed } = count(process.argv[2]);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
