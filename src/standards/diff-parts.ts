import { isBranchPattern } from '../security/identifiers.js';
import { change } from './changes.js';
import type { StandardsDocument } from './document.js';
import { byText, entry, sameJson } from './json.js';
import type { Change, Label, RepositoryState, Ruleset } from './model.js';
import { mergeProtection, normalizeProtection, overrideProtection } from './protection.js';
import type { WantedRepository } from './resolve.js';
import { mergeRuleset, normalizeRuleset } from './rulesets.js';
import type { ProtectionBody } from './schema/protection.js';

/** GitHub's colour of a label for which none is named. */
const DEFAULT_COLOR = 'ededed';

export function diffTopics(wanted: WantedRepository, state: RepositoryState): Change[] {
  const kept = state.topics.filter((topic) => wanted.topics.get(topic) !== false);
  const added = [...wanted.topics].flatMap(([topic, there]) =>
    there && !kept.includes(topic) ? [topic] : [],
  );
  if (added.length === 0 && kept.length === state.topics.length) return [];
  const after = [...kept, ...added].toSorted(byText);
  return [{ ...change('topics', 'topics', '', [...state.topics], after), action: 'update' }];
}

/** What is wanted by real pattern; on the default branch its own name goes over `$default`. */
function protectionsByPattern(
  wanted: WantedRepository,
  defaultBranch: string | null,
): Map<string, ProtectionBody | null> {
  const byPattern = new Map(wanted.branch_protection);
  const general = byPattern.get('$default');
  byPattern.delete('$default');
  if (general === undefined || defaultBranch === null) return byPattern;
  const own = byPattern.get(defaultBranch);
  if (own === undefined) byPattern.set(defaultBranch, general);
  else if (own !== null && general !== null) byPattern.set(defaultBranch, overrideProtection(general, own));
  return byPattern;
}

export function diffProtections(
  wanted: WantedRepository,
  state: RepositoryState,
): { changes: Change[]; notes: string[] } {
  if (state.empty) {
    const left = [...wanted.branch_protection.keys()].filter((pattern) => !isBranchPattern(pattern));
    const rules = new Map([...wanted.branch_protection].filter(([pattern]) => isBranchPattern(pattern)));
    return {
      changes: protectionChanges(rules, state),
      notes: left.map(
        (pattern) => `protection of ${pattern} is left until the repository has a first commit`,
      ),
    };
  }
  const newDefault = wanted.settings['default_branch'];
  const defaultBranch = typeof newDefault === 'string' ? newDefault : state.default_branch;
  return { changes: protectionChanges(protectionsByPattern(wanted, defaultBranch), state), notes: [] };
}

function protectionChanges(
  wanted: ReadonlyMap<string, ProtectionBody | null>,
  state: RepositoryState,
): Change[] {
  return [...wanted].flatMap(([pattern, body]) => {
    const live = entry(state.branch_protection, pattern) ?? null;
    const after = body === null ? null : mergeProtection(live, body);
    const same =
      live === null ? after === null : after !== null && sameJson(normalizeProtection(live), after);
    if (same) return [];
    const node_id = entry(state.rule_node_ids ?? {}, pattern);
    const protection = change(`protection/${pattern}`, 'branch_protection', pattern, live, after);
    return [node_id === undefined ? protection : { ...protection, node_id }];
  });
}

export function diffTeamAccess(wanted: WantedRepository, state: RepositoryState): Change[] {
  return [...wanted.teams].flatMap(([slug, permission]) => {
    const live = entry(state.teams, slug) ?? null;
    if (live === permission) return [];
    const team = entry(state.team_ids ?? {}, slug);
    const access = change(`teams/${slug}`, 'team_repository', slug, live, permission);
    return [team === undefined ? access : { ...access, team: team.id, node_id: team.node_id }];
  });
}

export function diffLabels(wanted: WantedRepository, state: RepositoryState): Change[] {
  const byName = new Map(state.labels.map((label) => [label.name.toLowerCase(), label]));
  return [...wanted.labels].flatMap(([key, { name, label }]) => {
    const live = byName.get(key) ?? null;
    if (label === null) return live === null ? [] : [labelChange(live.name, live, null)];
    const after = {
      // The name that is there is kept: to GitHub it is the same label, and a rename cannot be repeated.
      name: live?.name ?? name,
      color: label.color ?? live?.color ?? DEFAULT_COLOR,
      description: (label.description === undefined ? live?.description : label.description) || null,
    };
    const same =
      live !== null &&
      live.color.toLowerCase() === after.color &&
      (live.description || null) === after.description;
    if (same) return [];
    const node_id = live === null ? undefined : entry(state.label_node_ids ?? {}, live.name);
    return [{ ...labelChange(after.name, live, after), ...(node_id === undefined ? {} : { node_id }) }];
  });
}

function labelChange(name: string, before: Label | null, after: Label | null): Change {
  return change(`labels/${name}`, 'label', name, before && { ...before }, after && { ...after });
}

/** Changes of a repository's or an organisation's rulesets; null means that there is to be none of that name. */
export function diffRulesets(
  wanted: WantedRepository['rulesets'],
  state: readonly Ruleset[],
  kind: 'ruleset' | 'organization_ruleset',
): Change[] {
  return [...wanted].flatMap(([name, ruleset]) => {
    const live = state.find((one) => one.name === name) ?? null;
    const after = ruleset && mergeRuleset(live, ruleset);
    if (after === null && (ruleset !== null || live === null)) return [];
    const before = live && { ...normalizeRuleset(live) };
    return [change(`rulesets/${name}`, kind, name, before, after && { ...after })];
  });
}

/**
 * Files by content. For one that is changed by pull request, `before` and `after` are what our open pull request
 * proposes: `null` none, `{ sha: null }` that the file goes.
 */
export function diffFiles(
  wanted: WantedRepository,
  state: RepositoryState,
  document: StandardsDocument,
): { changes: Change[]; notes: string[] } {
  if (state.empty)
    return {
      changes: [],
      notes: [...wanted.files.keys()].map(
        (path) => `file ${path} is left until the repository has a first commit`,
      ),
    };
  const changes: Change[] = [];
  const notes: string[] = [];
  for (const file of wanted.files.values()) {
    const live = entry(state.files, file.path)?.sha ?? null;
    const sha = file.absent === true ? null : templateSha(document, file.from);
    if (live === sha) continue;
    const step = `files/${file.path}`;
    const after = file.absent === true ? null : { sha, from: file.from };
    if (file.via === 'commit') {
      const before = live === null ? null : { sha: live };
      changes.push({ ...change(step, 'file', file.path, before, after), via: 'commit' });
      continue;
    }
    const proposal = entry(state.proposals, file.path);
    if (proposal !== undefined && proposal.sha === sha) {
      notes.push(`file ${file.path} is proposed in pull request #${proposal.number}`);
      continue;
    }
    const action = sha === null ? 'delete' : live === null ? 'create' : 'update';
    const before = proposal === undefined ? null : { sha: proposal.sha };
    changes.push({
      ...change(step, 'file', file.path, before, after ?? { sha: null }),
      action,
      via: 'pull_request',
    });
  }
  return { changes, notes };
}

/** @throws Error where the document does not hold what it names; {@link loadStandards} never makes such a one. */
function templateSha(document: StandardsDocument, from: string): string {
  const template = entry(document.files, from);
  if (template === undefined) throw new Error(`the standards document does not hold the template ${from}`);
  return template.sha;
}
