import { explain } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';

/** What `doctor` found out about one thing that orgsaga needs. */
export interface Check {
  check: string;
  level: 'ok' | 'warn' | 'fail';
  detail: string;
  /** What to do; null where there is nothing to be done. */
  hint: string | null;
  /** A failure of authentication has an exit code of its own. */
  authentication?: boolean;
}

export const ok = (check: string, detail: string): Check => ({ check, level: 'ok', detail, hint: null });
export const warn = (check: string, detail: string, hint: string): Check => ({
  check,
  level: 'warn',
  detail,
  hint,
});

/** A failed check from what was thrown. */
export function fail(check: string, error: unknown, hint: string): Check {
  const { message, exitCode } = explain(error);
  return { check, level: 'fail', detail: message, hint, authentication: exitCode === EXIT.authentication };
}

/** 0 without a failure (warnings are none), 4 where authentication alone failed, else 1. */
export function exitCodeOfChecks(checks: readonly Check[]): ExitCode {
  const failed = checks.filter(({ level }) => level === 'fail');
  if (failed.length === 0) return EXIT.done;
  return failed.every(({ authentication }) => authentication === true) ? EXIT.authentication : EXIT.error;
}
