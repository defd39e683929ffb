import type { JsonObject } from '../../standards/model.js';
import { markedDescription } from '../../standards/team-marker.js';
import { object } from '../json.js';
import { teamOfRest } from '../read/teams.js';
import { whileFresh } from './fresh.js';
import type { Operation } from './operation.js';
import { sameTeam } from './same-team.js';
import { differing, ownedFields, sameId, withoutNull } from './target.js';
import { parentId } from './team.js';

const ROUTE = '/orgs/{org}/teams/{team_slug}';

/** Settings of a team: one PATCH of what differs. */
export const teamSettings: Operation = {
  kind: 'team_settings',
  names: { do: 'updateTeam', undo: 'restoreTeam' },
  owns: 'fields',
  idempotent: true,
  async read({ github }, target, { key, before, after }) {
    const at = { org: target.owner, team_slug: key };
    const { data } = await whileFresh(github, target.owner, key, () => github.rest(`GET ${ROUTE}`, at));
    sameId(target, data, `the team ${target.owner}/${key}`);
    return ownedFields({ ...teamOfRest(object(data)) }, before, after);
  },
  async write(context, target, { key }, from, to) {
    const { github, run } = context;
    const { parent, ...fields } = differing(from, to);
    const body: JsonObject = withoutNull(fields);
    if (parent !== undefined) body['parent_team_id'] = await parentId(context, target.owner, parent);
    // Before its settings, a team that was not there when this was planned had this run's mark; undo proves by it.
    if (target.id === 0 && fields['description'] === null) body['description'] = markedDescription('', run);
    if (Object.keys(body).length === 0) return;
    await sameTeam(context, target.owner, key);
    const at = { org: target.owner, team_slug: key };
    const { data } = await whileFresh(github, target.owner, key, () =>
      github.rest(`PATCH ${ROUTE}`, { ...at, ...body }),
    );
    sameId(target, data, `the team ${target.owner}/${key}`);
  },
};
