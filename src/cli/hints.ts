import type { RunStatus } from '../workflows/contract.js';

/** What a person can do about a run that needs one, as commands to copy. */
export function nextCommands(status: RunStatus): string[] {
  const { run, deadLetters, parked, state } = status;
  const commands: string[] = [];
  if (deadLetters.length > 0 && (state === 'AwaitingOperator' || state === 'Committed'))
    commands.push(
      `orgsaga dead-letters list --run ${run}`,
      `orgsaga dead-letters show ${deadLetters[0]?.item} --run ${run}`,
      `orgsaga dead-letters retry --run ${run} --all`,
    );
  if (parked.length > 0) commands.push(`orgsaga status ${run}`);
  return commands;
}

/** How to come back to a run that goes on without this program. */
export const comeBack = (run: string): string[] => [`  orgsaga watch ${run}`, `  orgsaga cancel ${run}`];
