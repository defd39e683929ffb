import { object } from '../json.js';
import type { Operation } from './operation.js';
import { differing, ownedFields, sameId, withoutNull } from './target.js';

/** Settings of an organisation: one PATCH of what differs. */
export const organizationSettings: Operation = {
  kind: 'organization_settings',
  names: { do: 'updateOrganizationSettings', undo: 'restoreOrganizationSettings' },
  owns: 'fields',
  idempotent: true,
  async read({ github }, target, { before, after }) {
    const { data } = await github.rest('GET /orgs/{org}', { org: target.owner });
    sameId(target, data, target.owner);
    return ownedFields(object(data), before, after);
  },
  async write({ github }, target, _change, from, to) {
    const fields = withoutNull(differing(from, to));
    if (Object.keys(fields).length === 0) return;
    const { data } = await github.rest('PATCH /orgs/{org}', { org: target.owner, ...fields });
    sameId(target, data, target.owner);
  },
};
