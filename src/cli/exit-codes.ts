/** What the program ends with. Part of the contract with scripts: added to, never changed. */
export const EXIT = {
  done: 0,
  error: 1,
  /** Wrong usage or invalid input. */
  usage: 2,
  /** Rolled back, also a cancelled run whose undo is complete. */
  rolledBack: 3,
  authentication: 4,
  /** Dead letters, parked items, conflicts left, a retry that did not succeed for all. */
  needsPerson: 5,
  /** `plan` found something to change. */
  changes: 7,
  /** A waiting command gave up; the run goes on. */
  gaveUp: 8,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The codes of which several can hold for one run. */
export type RunExitCode = 0 | 1 | 3 | 5;

const PRECEDENCE: readonly RunExitCode[] = [EXIT.error, EXIT.needsPerson, EXIT.rolledBack];

/** The one code for several that hold: 1, then 5, then 3, then 0. None holding is 0. */
export function combineExitCodes(codes: readonly RunExitCode[]): RunExitCode {
  return PRECEDENCE.find((code) => codes.includes(code)) ?? EXIT.done;
}
