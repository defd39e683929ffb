import type { RunStatus } from '../workflows/contract.js';

/** What a person can do about a run that needs one, as commands to copy. */
export function nextCommands(status: RunStatus): string[] {
  const { run, deadLetters, parked, state, of, conflicts } = status;
  const commands: string[] = state === 'AwaitingApproval' ? [`orgsaga approve ${run}`] : [];
  // A run that was stopped with --keep leaves its dead letters too.
  if (deadLetters.length > 0 && ['AwaitingOperator', 'Committed', 'Cancelled'].includes(state))
    commands.push(
      `orgsaga dead-letters list --run ${run}`,
      `orgsaga dead-letters show ${deadLetters[0]?.item} --run ${run}`,
      `orgsaga dead-letters retry --run ${run} --all`,
    );
  const [first] = parked;
  if (first !== undefined) {
    const alike = parked.filter(({ step }) => step === first.step);
    const sameName = alike.filter(({ item }) => item === first.item).length > 1;
    const among = alike.length > 1 ? ` --item ${sameName ? first.workflowId : first.item}` : '';
    commands.push(
      `orgsaga status ${run}`,
      `orgsaga resolve ${run} ${first.step} retry${among}`,
      `orgsaga resolve ${run} ${first.step} skip${among}`,
    );
  }
  if (of !== undefined && conflicts.some(({ stays }) => stays !== true) && state === 'Committed')
    commands.push(`orgsaga rollback ${of} --force`);
  return commands;
}

/** How to come back to a run that goes on without this program. */
export const comeBack = (run: string): string[] => [`  orgsaga watch ${run}`, `  orgsaga cancel ${run}`];
