import type {
  Change,
  Json,
  JsonObject,
  Label,
  OrganizationState,
  Permission,
  PlannedItem,
  RepositoryState,
  Ruleset,
  TeamRole,
} from '../../src/standards/model.js';
import { teamState } from './support.js';

/** What GitHub would be after a change: a model, apart from the code that makes the plan. */
export function applyToRepository(state: RepositoryState, change: Change): void {
  const { key, after } = change;
  switch (change.kind) {
    case 'repository_settings': {
      const settings = after as JsonObject;
      Object.assign(state.settings, settings);
      if (typeof settings['archived'] === 'boolean') state.archived = settings['archived'];
      if (typeof settings['visibility'] === 'string') state.visibility = settings['visibility'];
      if (typeof settings['default_branch'] === 'string') state.default_branch = settings['default_branch'];
      return;
    }
    case 'topics':
      state.topics = after as string[];
      return;
    case 'branch_protection':
      put(state.branch_protection, key, after as JsonObject | null);
      return;
    case 'team_repository':
      put(state.teams, key, after as Permission | null);
      return;
    case 'label':
      state.labels = [
        ...state.labels.filter(({ name }) => name.toLowerCase() !== key.toLowerCase()),
        ...(after === null ? [] : [after as unknown as Label]),
      ];
      return;
    case 'ruleset':
      state.rulesets = replaced(state.rulesets, key, after);
      return;
    case 'file':
      if (change.via === 'pull_request')
        state.proposals[key] = { number: 1, sha: (after as { sha: string | null }).sha };
      else state.files[key] = after === null ? null : { sha: (after as { sha: string }).sha };
      return;
    case 'organization_settings':
    case 'organization_ruleset':
    case 'team':
    case 'team_settings':
    case 'team_member':
    case 'repository':
    case 'issue':
    case 'connector':
      throw new Error(`a repository has no ${change.kind}`);
  }
}

export function applyToOrganization(state: OrganizationState, item: PlannedItem): void {
  for (const { kind, key, after } of item.changes) {
    const [slug = '', login = ''] = key.split('/');
    const team = state.teams[slug];
    if (kind === 'organization_settings') Object.assign(state.settings, after);
    else if (kind === 'organization_ruleset') state.rulesets = replaced(state.rulesets, key, after);
    else if (kind === 'team' && after === null) state.teams[slug] = null;
    else if (kind === 'team')
      state.teams[slug] = teamState({ ...(after as object), slug, description: 'made by run 1' });
    else if (team && kind === 'team_settings') Object.assign(team, after);
    else if (team && kind === 'team_member') put(team.members, login.toLowerCase(), after as TeamRole | null);
    else throw new Error(`${kind} of a team that is not there: ${key}`);
  }
}

function put<T>(record: Record<string, T>, key: string, value: T | null): void {
  if (value === null) delete record[key];
  else record[key] = value;
}

function replaced(
  rulesets: (Ruleset & { id: number })[],
  name: string,
  after: Json,
): (Ruleset & { id: number })[] {
  const others = rulesets.filter((one) => one.name !== name);
  return after === null ? others : [...others, { id: 1, ...(after as unknown as Ruleset) }];
}
