import { isDeepStrictEqual } from 'node:util';
import type { Conflict } from '../transaction/journal.js';
import type { Left, RunStatus, Totals } from '../workflows/contract.js';
import type { SagaStep } from '../workflows/saga-contract.js';
import { formatDuration } from './duration.js';
import { oneLine, type Theme } from './theme.js';

/** Longer lists are cut here, and the rest counted: `status --json` has all. */
const SHOWN = 20;

const COUNTS: readonly (readonly [keyof Totals, string])[] = [
  ['inSync', 'in sync'],
  ['committed', 'committed'],
  ['rolledBack', 'rolled back'],
  ['deadLettered', 'dead-lettered'],
  ['parked', 'parked'],
  ['cancelled', 'cancelled'],
  ['skipped', 'skipped'],
];

/** How many repositories a run is through with. */
export const settled = (totals: Totals): number => COUNTS.reduce((sum, [key]) => sum + totals[key], 0);

/** `34 committed, 20 in sync`, without what is nought. */
export function countsLine(totals: Totals): string {
  const parts = COUNTS.filter(([key]) => totals[key] > 0).map(([key, word]) => `${totals[key]} ${word}`);
  return parts.length === 0 ? 'none done yet' : parts.join(', ');
}

function colourState(status: RunStatus, theme: Theme): string {
  switch (status.state) {
    case 'Committed':
      return status.totals.deadLettered + status.parked.length > 0
        ? theme.yellow(status.state)
        : theme.green(status.state);
    case 'Planning':
    case 'Running':
      return theme.cyan(status.state);
    case 'Refused':
    case 'Parked':
      return theme.red(status.state);
    case 'AwaitingApproval':
    case 'AwaitingOperator':
    case 'Compensating':
    case 'RolledBack':
    case 'Cancelled':
      return theme.yellow(status.state);
  }
}

const STEP_WORDS: Record<SagaStep['state'], string> = {
  started: 'under way',
  applied: 'done',
  unchanged: 'was right already',
  refused: 'refused',
  unknown: 'failed, outcome not known',
  undone: 'undone',
  conflict: 'left, because somebody else changed it',
  skipped: 'not undone, as a person decided',
};

/** What an undo left; a whole thing says itself what somebody has done to it. */
function left({ field, found, wrote }: Conflict): string {
  // What still holds what was written would have been undone, had nobody decided otherwise.
  if (isDeepStrictEqual(found, wrote)) return `${field} is left, as a person decided`.trimStart();
  if (field !== '') return `${field} was changed by somebody else and is left`;
  const changed = typeof found === 'object' && found !== null && 'changed' in found ? found.changed : null;
  const what = Array.isArray(changed) && changed.length > 0 ? ` (${changed.join(', ')})` : '';
  return `was changed by somebody else${what} and is left`;
}

const LONGEST_VALUE = 160;
const short = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
};

function fieldLeft({ field, before, wrote }: Left): string {
  if (before === null && field !== '') return `${field} stands, ${short(wrote)}; to be taken away`;
  return `${field === '' ? 'the whole' : field} as written, ${short(wrote)}; to put back: ${short(before)}`;
}

/** What a dead letter holds still (`on_failure: checkpoint`). */
const kept = (finished: readonly string[]): string =>
  finished.length === 0 ? '' : `  (finished: ${finished.join(', ')})`;

interface Branch {
  heading: string;
  leaves: string[];
}

function repositoriesLine({ totals, state }: RunStatus): string {
  if (totals.repositories === 0) return state === 'Planning' || state === 'Running' ? 'not read yet' : 'none';
  return `${settled(totals)} of ${totals.repositories} (${countsLine(totals)})`;
}

function branchesOf(status: RunStatus, theme: Theme): Branch[] {
  const { requests } = status;
  const branches: Branch[] = [
    { heading: `repositories: ${repositoriesLine(status)}`, leaves: [] },
    {
      heading: `requests: ${requests.rest} REST, ${requests.graphql} GraphQL, ${requests.mutating} of them changing something`,
      leaves: [],
    },
  ];
  const list = (heading: string, leaves: string[]): void => {
    if (leaves.length > 0) branches.push({ heading: `${heading} (${leaves.length})`, leaves });
  };
  list(
    'steps',
    (status.steps ?? []).map(({ name, state }) => `${name}  ${STEP_WORDS[state]}`),
  );
  if (status.state === 'AwaitingApproval') list('planned', status.plan?.shown ?? []);
  list('under way', underWay(status));
  list(
    theme.red('dead letters'),
    status.deadLetters.map(
      ({ item, step, reason, finishedSteps }) => `${item}  ${step}: ${reason}${kept(finishedSteps)}`,
    ),
  );
  if (status.parked.length > 0)
    branches.push({
      heading: `${theme.red('parked')} (${status.parked.length})`,
      leaves: status.parked.flatMap((parked) => [
        `${parked.item}  ${parked.step}: ${parked.reason}`,
        ...parked.left.map((one) => `  left: ${fieldLeft(one)}`),
        ...((parked.standing ?? []).length > 0
          ? [`  then to be undone: ${parked.standing?.join(', ')}`]
          : []),
      ]),
    });
  list(
    theme.yellow('conflicts'),
    status.conflicts.map((conflict) => `${conflict.item}  ${conflict.step}: ${left(conflict)}`),
  );
  list(
    'skipped',
    status.skipped.map(({ item, reason }) => `${item}  ${reason}`),
  );
  list('notes', status.notes);
  return branches;
}

/** Items where somebody has looked, those that are held up first; else the pages. */
function underWay({ pages, underWay: items = [] }: RunStatus): string[] {
  if (items.length === 0) return pages;
  const held = items.filter(({ waiting }) => waiting !== null);
  return [...held, ...items.filter(({ waiting }) => waiting === null)].map(({ item, waiting }) =>
    waiting === null ? item : `${item}  waiting: ${waiting}`,
  );
}

/** A run as a tree of text: what it is, where it stands, what waits for a person. */
export function runTree(status: RunStatus, theme: Theme): string[] {
  const lines = [
    `${theme.bold(oneLine(status.run))}  ${colourState(status, theme)}  ${formatDuration(status.durationMs)}  ${oneLine(status.phase)}`,
  ];
  if (status.reason !== null) lines.push(`│  ${oneLine(status.reason)}`);
  if (status.plan !== undefined) {
    const { hash, items, changes, approvedBy } = status.plan;
    const waits = status.state === 'AwaitingApproval' ? 'waits for an approval' : 'not approved';
    const by = approvedBy === null ? waits : `approved by ${oneLine(approvedBy)}`;
    lines.push(`│  plan ${hash}: ${changes} changes to ${items} items, ${by}`);
  }
  if (status.of !== undefined) lines.push(`│  takes back ${oneLine(status.of)}`);
  if (status.rolledBackBy !== undefined) lines.push(`│  rolled back by ${oneLine(status.rolledBackBy)}`);
  if (status.rollback !== undefined)
    lines.push(`│  rollback under way, or not of all: ${oneLine(status.rollback)}`);
  const branches = branchesOf(status, theme);
  branches.forEach(({ heading, leaves }, index) => {
    const last = index === branches.length - 1;
    const shown = leaves.slice(0, SHOWN).map(oneLine);
    if (leaves.length > SHOWN) shown.push(`and ${leaves.length - SHOWN} more`);
    lines.push(`${last ? '└─' : '├─'} ${heading}`);
    shown.forEach((leaf, at) =>
      lines.push(`${last ? '  ' : '│ '} ${at === shown.length - 1 ? '└─' : '├─'} ${leaf}`),
    );
  });
  return lines;
}
