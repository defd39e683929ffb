import { change } from './changes.js';
import {
  diffFiles,
  diffLabels,
  diffProtections,
  diffRulesets,
  diffTeamAccess,
  diffTopics,
} from './diff-parts.js';
import { diffSettings } from './diff-settings.js';
import type { StandardsDocument } from './document.js';
import type { Counts } from './fuse.js';
import type { Change, JsonObject, PlannedItem, RepositoryState, SkippedItem } from './model.js';
import type { WantedRepository } from './resolve.js';

/** What is to be done to one repository. */
export interface RepositoryDiff {
  /** Null where nothing is to be changed. */
  item: PlannedItem | null;
  /** Set where the file wants something that cannot be done, and nothing else is left to do. */
  skipped?: SkippedItem;
  /** What a person should know besides the changes. */
  notes: string[];
  /** For the fuse: what this removes, and what there is. */
  removals: Counts;
  existing: Counts;
}

function settingsChanges(
  wanted: WantedRepository,
  state: RepositoryState,
): { first: Change[]; middle: Change[]; last: Change[]; notes: string[] } {
  const live: JsonObject = {
    visibility: state.visibility,
    archived: state.archived,
    default_branch: state.default_branch,
    ...state.settings,
  };
  const { archived, ...rest } = wanted.settings;
  const notes: string[] = [];
  if (state.empty && rest['default_branch'] !== undefined) {
    if (rest['default_branch'] !== live['default_branch'])
      notes.push('the default branch is left until the repository has a first commit');
    delete rest['default_branch'];
  }
  const differing = diffSettings(live, rest);
  const middle =
    differing === null
      ? []
      : [change('settings', 'repository_settings', '', differing.before, differing.after)];
  const archive =
    typeof archived === 'boolean' && archived !== state.archived
      ? [change('archived', 'repository_settings', '', { archived: state.archived }, { archived })]
      : [];
  // An archived repository can be read only: it is opened before, and closed after, everything else.
  return archived === true
    ? { first: [], middle, last: archive, notes }
    : { first: archive, middle, last: [], notes };
}

function countRemovals(changes: readonly Change[]): Counts {
  const counts: Counts = {};
  for (const one of changes) {
    const removed = one.kind === 'topics' ? removedTopics(one) : one.action === 'delete' ? 1 : 0;
    if (removed > 0) counts[one.kind] = (counts[one.kind] ?? 0) + removed;
  }
  return counts;
}

function removedTopics({ before, after }: Change): number {
  const left = new Set(Array.isArray(after) ? after : []);
  return Array.isArray(before) ? before.filter((topic) => !left.has(topic)).length : 0;
}

function countExisting(state: RepositoryState): Counts {
  return {
    topics: state.topics.length,
    branch_protection: Object.keys(state.branch_protection).length,
    team_repository: Object.keys(state.teams).length,
    label: state.labels.length,
    ruleset: state.rulesets.length,
    file: Object.values(state.files).filter((file) => file !== null).length,
  };
}

/**
 * What changes a repository from what it is to what the file wants, no more: fields that differ only. Planning again
 * after the changes were made gives none. Changes are in the order in which they can be made: opening an archived
 * repository, files by commit, the rest, archiving.
 */
export function diffRepository(
  owner: string,
  wanted: WantedRepository,
  state: RepositoryState,
  document: StandardsDocument,
): RepositoryDiff {
  const name = `${owner}/${state.name}`;
  const settings = settingsChanges(wanted, state);
  const protections = diffProtections(wanted, state);
  const files = diffFiles(wanted, state, document);
  const changes = [
    ...settings.first,
    ...files.changes.filter((one) => one.via === 'commit'),
    ...settings.middle,
    ...diffTopics(wanted, state),
    ...protections.changes,
    ...diffTeamAccess(wanted, state),
    ...diffLabels(wanted, state),
    ...diffRulesets(wanted.rulesets, state.rulesets, 'ruleset'),
    ...files.changes.filter((one) => one.via === 'pull_request'),
    ...settings.last,
  ];
  const existing = countExisting(state);
  if (state.archived && isLeftArchived(wanted, changes))
    return { item: null, skipped: { item: name, reason: 'archived' }, notes: [], removals: {}, existing };

  const waiting = [...settings.notes, ...protections.notes, ...(state.empty ? files.notes : [])];
  const notes = [...waiting, ...(state.empty ? [] : files.notes), ...branchNotes(wanted, state)].map(
    (note) => `${name}: ${note}`,
  );
  const counts = { notes, removals: countRemovals(changes), existing };
  if (changes.length === 0)
    return waiting.length === 0
      ? { item: null, ...counts }
      : { item: null, skipped: { item: name, reason: 'empty' }, ...counts };
  const target = {
    owner,
    name: state.name,
    id: state.id,
    node_id: state.node_id,
    default_branch: state.default_branch,
  };
  return { item: { item: name, kind: 'repository', target, changes }, ...counts };
}

/** Nothing can be changed in it unless it is opened; one that is to be archived and is right is no exception to tell. */
function isLeftArchived(wanted: WantedRepository, changes: readonly Change[]): boolean {
  if (wanted.settings['archived'] === false) return false;
  return wanted.settings['archived'] !== true || changes.length > 0;
}

function branchNotes(wanted: WantedRepository, state: RepositoryState): string[] {
  const branch = wanted.settings['default_branch'];
  if (state.empty || typeof branch !== 'string' || branch === state.default_branch || wanted.files.size === 0)
    return [];
  return [`files are compared on ${state.default_branch}; plan again when ${branch} is the default branch`];
}
