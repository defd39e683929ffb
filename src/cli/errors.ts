import type { ConfigError } from '../config/error.js';
import type { ApiError } from '../errors.js';
import type { GitHubError } from '../github/errors.js';
import { EXIT, type ExitCode } from './exit-codes.js';

/** A failure of which a command knows itself what to say and which exit code it has. */
export class CliError extends Error {
  override readonly name: string = 'CliError';

  constructor(
    message: string,
    readonly exitCode: ExitCode,
  ) {
    super(message);
  }
}

/** The command was called wrongly, or its input is invalid. */
export class UsageError extends CliError {
  override readonly name = 'UsageError';

  constructor(message: string) {
    super(message, EXIT.usage);
  }
}

// By name, not by class: importing the classes would load the Temporal client for `orgsaga --help`.
const isNamed = <E extends Error>(error: unknown, name: E['name']): error is E =>
  error instanceof Error && error.name === name;

export interface Failure {
  message: string;
  exitCode: ExitCode;
  /** Nobody foresaw it: with ORGSAGA_LOG_LEVEL=debug its stack is shown. */
  unexpected: boolean;
}

function exitCodeOf(error: unknown): ExitCode | null {
  if (error instanceof CliError) return error.exitCode;
  if (isNamed<ConfigError>(error, 'ConfigError') || isNamed(error, 'StandardsError')) return EXIT.usage;
  if (isNamed(error, 'NoTokenError')) return EXIT.authentication;
  if (isNamed<GitHubError>(error, 'GitHubError'))
    return error.failure.kind === 'unauthenticated' ? EXIT.authentication : EXIT.error;
  if (isNamed<ApiError>(error, 'ApiError')) {
    if (error.problem === 'ambiguous' || error.problem === 'invalid') return EXIT.usage;
    return error.problem === 'unauthenticated' ? EXIT.authentication : EXIT.error;
  }
  return null;
}

/** Why a request was refused before there was a run of it; null for a failure that is no refusal. */
export function refusalOf(error: unknown): string | null {
  if (!isNamed<ApiError>(error, 'ApiError')) return null;
  return error.problem === 'key_conflict' || error.problem === 'wrong_state' ? error.message : null;
}

/** A command does not wait for the next try, as a worker does: when that is due is nothing to a person. */
function messageOf(error: Error): string {
  if (!isNamed<GitHubError>(error, 'GitHubError') || error.failure.kind !== 'unavailable')
    return error.message;
  return `GitHub cannot be reached or used now: ${error.failure.reason}. Check GITHUB_API_URL and the network, then try again.`;
}

/** What to tell a person about an error, whatever it is, and the exit code for it. */
export function explain(error: unknown): Failure {
  const exitCode = exitCodeOf(error);
  const message = error instanceof Error && error.message !== '' ? messageOf(error) : String(error);
  return { message, exitCode: exitCode ?? EXIT.error, unexpected: exitCode === null };
}
