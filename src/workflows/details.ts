import type { Entry, Journal } from '../transaction/journal.js';
import type { ParkedItem, RunStatus, Totals } from './contract.js';

/** Current details for the Web UI's User Metadata tab, which renders headings, tables and lists of Markdown. */
export function itemDetails(
  item: string,
  journal: Journal,
  waiting: string | null,
  parked: ParkedItem | null,
): string {
  const lines = [`### ${item}`, '', '| step | state |', '| --- | --- |'];
  lines.push(...journal.map((entry) => `| ${entry.step} | ${describe(entry)} |`));
  if (waiting !== null) lines.push('', `Waiting: ${waiting}`);
  if (parked !== null) {
    lines.push('', `**Needs a person**: undoing \`${parked.step}\` failed: ${parked.reason}`);
    lines.push(
      '',
      `Send the Update \`resolve\` with \`{"step":"${parked.step}","decision":"retry"}\` or \`"skip"\`.`,
    );
  }
  return lines.join('\n');
}

function describe(entry: Entry): string {
  const fields = entry.conflicts?.map(({ field }) => field).join(', ');
  if (fields === undefined) return entry.state;
  return `${entry.state}: left ${fields}${entry.state === 'skipped' ? '' : ', changed by somebody else'}`;
}

/** The run's tree, counts and what waits for a person. */
export function runDetails(status: RunStatus, organizations: OrganizationProgress[]): string {
  const lines = [`## ${status.state}: ${status.phase}`, ''];
  if (status.reason !== null) lines.push(status.reason, '');
  for (const organization of organizations) {
    lines.push(`- **${organization.login}**`, ...organization.parts.map((part) => `  - ${part}`));
  }
  lines.push('', countsTable(status.totals));
  if (status.state === 'AwaitingApproval' && status.plan !== undefined) {
    lines.push(
      '',
      `Plan \`${status.plan.hash}\``,
      '',
      ...status.plan.shown.slice(0, MOST_ROWS).map((line) => `- ${cell(line)}`),
    );
    lines.push(
      '',
      `Somebody else than ${status.actor} approves it:`,
      '',
      `\`orgsaga approve ${status.run}\``,
    );
    if (status.deadline !== null) lines.push('', `After ${status.deadline} it is given up.`);
  }
  if (status.deadLetters.length > 0) {
    lines.push(
      '',
      `### Dead letters (${status.deadLetters.length})`,
      '',
      '| item | step | reason |',
      '| --- | --- | --- |',
    );
    lines.push(
      ...status.deadLetters
        .slice(0, MOST_ROWS)
        .map((letter) => `| ${letter.item} | ${letter.step} | ${cell(letter.reason)} |`),
    );
    lines.push('', 'Mend the cause, then:', '', `\`orgsaga dead-letters retry --run ${status.run} --all\``);
    lines.push('', 'or send the signal `retry` (no input retries all, `["owner/name"]` one).');
    if (status.deadline !== null) lines.push('', `They keep the run open until ${status.deadline}.`);
  }
  if (status.parked.length > 0) {
    lines.push(
      '',
      `### Parked (${status.parked.length})`,
      '',
      '| item | step | reason |',
      '| --- | --- | --- |',
    );
    lines.push(
      ...status.parked
        .slice(0, MOST_ROWS)
        .map((item) => `| ${item.item} | ${item.step} | ${cell(item.reason)} |`),
    );
  }
  return lines.join('\n');
}

/** One organisation's branch of the tree, as the run keeps it. */
export interface OrganizationProgress {
  login: string;
  /** One line a phase, e.g. `settings: committed`. */
  parts: string[];
}

const MOST_ROWS = 25;

/** A table cell cannot hold a pipe or a line break. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ').slice(0, 200);

/** Without the zeros, so that it is as wide as the tab has room for. */
function countsTable(totals: Totals): string {
  const counts = Object.entries(totals).filter(([name, count]) => name === 'repositories' || count > 0);
  return [
    `| ${counts.map(([name]) => name).join(' | ')} |`,
    `|${' --- |'.repeat(counts.length)}`,
    `| ${counts.map(([, count]) => count).join(' | ')} |`,
  ].join('\n');
}
