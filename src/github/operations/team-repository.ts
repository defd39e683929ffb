import type { Change, Json, Target } from '../../standards/model.js';
import { isRefused } from '../errors.js';
import type { Mutation } from '../mutation.js';
import { graphqlPermission } from '../read/fields.js';
import { readTeamAccess, readTeamPermission } from '../read/rest-repository.js';
import { whileFresh } from './fresh.js';
import { gathered } from './gathered.js';
import type { Operation } from './operation.js';
import { sameTeam } from './same-team.js';
import { readTarget, refused } from './target.js';

const ROUTE = '/orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}';

/** What a team may do in a repository. */
export const teamRepository: Operation = {
  kind: 'team_repository',
  names: { do: 'grantTeam', undo: 'restoreTeamAccess' },
  owns: 'whole',
  idempotent: true,
  async read(context, target, { key }) {
    await sameTeam(context, target.owner, key);
    const found = await readTeamAccess(context.github, target.owner, key, target.name);
    if (found?.id === target.id || target.id === 0) return found?.permission ?? null;
    // The name is no proof: the repository may have another one now, and this one may be another's.
    await readTarget(context, target, {});
    if (found === null) return null;
    throw refused(404, `${target.owner}/${target.name} is another repository now; plan again`);
  },
  async write(context, target, change, _from, to) {
    if ((await gathered(context, grant(target, change, to))) !== undefined) return;
    const { github } = context;
    const { key } = change;
    await sameTeam(context, target.owner, key);
    const at = { org: target.owner, team_slug: key, owner: target.owner, repo: target.name };
    if (to !== null) {
      await whileFresh(github, target.owner, key, () =>
        github.rest(`PUT ${ROUTE}`, { ...at, permission: to }),
      );
      return;
    }
    try {
      await github.rest(`DELETE ${ROUTE}`, at);
    } catch (error) {
      // 404 means gone, or not allowed to know: only a read that finds nothing makes it gone.
      if (!isRefused(error, 404)) throw error;
      if ((await readTeamPermission(github, target.owner, key, target.name)) !== null) throw error;
    }
  },
};

/** By the ids that the plan has seen; GraphQL cannot take access away. */
function grant(target: Target, { key, node_id }: Change, to: Json): Mutation | null {
  const permission = graphqlPermission(to);
  if (node_id === undefined || permission === undefined) return null;
  return {
    name: 'updateTeamsRepository',
    input: { repositoryId: target.node_id, teamIds: [node_id], permission },
    selection: 'repository { id }',
    what: `the team ${key} in ${target.owner}/${target.name}`,
  };
}
