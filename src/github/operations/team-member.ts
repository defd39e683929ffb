import { isRefused } from '../errors.js';
import { readTeamRole } from '../read/teams.js';
import { whileFresh } from './fresh.js';
import type { Operation } from './operation.js';
import { sameTeam } from './same-team.js';

const ROUTE = '/orgs/{org}/teams/{team_slug}/memberships/{username}';

/** A member of a team and its role, by `slug/login`; someone outside the organisation is invited. */
export const teamMember: Operation = {
  kind: 'team_member',
  names: { do: 'setTeamMember', undo: 'restoreTeamMember' },
  owns: 'whole',
  idempotent: true,
  async read(context, target, { key }) {
    const { slug, login } = parts(key);
    await sameTeam(context, target.owner, slug);
    return readTeamRole(context.github, target.owner, slug, login);
  },
  async write(context, target, { key }, _from, to) {
    const { github } = context;
    const { slug, login } = parts(key);
    await sameTeam(context, target.owner, slug);
    const at = { org: target.owner, team_slug: slug, username: login };
    if (to !== null) {
      await whileFresh(github, target.owner, slug, () => github.rest(`PUT ${ROUTE}`, { ...at, role: to }));
      return;
    }
    try {
      await github.rest(`DELETE ${ROUTE}`, at);
    } catch (error) {
      if (!isRefused(error, 404)) throw error;
      if ((await readTeamRole(github, target.owner, slug, login)) !== null) throw error;
    }
  },
};

function parts(key: string): { slug: string; login: string } {
  const slash = key.indexOf('/');
  return { slug: key.slice(0, slash), login: key.slice(slash + 1) };
}
