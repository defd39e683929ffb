/** Everything that is wrong with the configuration, found in one go. Holds no value of a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(
      problems.length === 1
        ? `The configuration is wrong: ${problems[0]}`
        : `The configuration has ${problems.length} problems:\n${problems.map((problem) => `- ${problem}`).join('\n')}`,
    );
  }
}

/** Node's code of a failed system call (`ENOENT`), for messages. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
}
