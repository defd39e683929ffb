import { seededRandom } from '../random.js';
import type { Organization, Repository } from './model.js';
import { deleteProtection } from './protections.js';
import { replaceTopics, updateRepository } from './repositories.js';
import { byName, type State, type Writer } from './state.js';
import { putTeamRepository } from './teams.js';

export interface DriftOptions {
  /** Share of the repositories that someone changes, 0 to 1. */
  fraction: number;
  seed: number;
  /** Names to choose from; all repositories where absent. */
  repositories?: string[];
}

type Change = (writer: Writer, organization: Organization, repository: Repository) => void;

const flip =
  (field: string): Change =>
  (writer, _organization, repository) =>
    updateRepository(writer, repository, { [field]: repository.settings[field] !== true });

const CHANGES: readonly Change[] = [
  flip('has_wiki'),
  flip('delete_branch_on_merge'),
  flip('has_projects'),
  (writer, _organization, repository) => {
    const topics = repository.topics.includes('drifted')
      ? []
      : [...repository.topics.slice(0, 19), 'drifted'];
    replaceTopics(writer, repository, topics);
  },
  (writer, _organization, repository) => {
    const [rule] = repository.protections.values();
    if (rule === undefined) flip('allow_auto_merge')(writer, _organization, repository);
    else deleteProtection(writer, rule);
  },
  (writer, organization, repository) => {
    const [team] = organization.teams.values();
    if (team === undefined) flip('allow_update_branch')(writer, organization, repository);
    else
      putTeamRepository(
        writer,
        team,
        repository,
        team.repositories.get(repository) === 'admin' ? 'pull' : 'admin',
      );
  },
];

/** Changes about `fraction` of the repositories by hand and returns how many; archived ones are left alone. */
export function drift(state: State, login: string, options: DriftOptions): number {
  const organization = state.organization(login);
  const writer = state.writer(null, null, true);
  const random = seededRandom(options.seed);
  let changed = 0;
  for (const repository of byName(organization)) {
    if (options.repositories !== undefined && !options.repositories.includes(repository.name)) continue;
    const chosen = random() < options.fraction;
    const change = CHANGES[Math.floor(random() * CHANGES.length)];
    if (!chosen || change === undefined || repository.settings['archived'] === true) continue;
    change(writer, organization, repository);
    changed++;
  }
  return changed;
}
