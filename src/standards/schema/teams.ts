import { z } from 'zod';
import { checkLogin, checkTeamSlug } from '../../security/identifiers.js';
import { absent, named, present } from './common.js';

const slug = named(checkTeamSlug, 'team');
const login = named(checkLogin, 'login');

const member = z.discriminatedUnion('absent', [
  z.strictObject({ login, role: z.enum(['member', 'maintainer']).default('member'), absent: present }),
  z.strictObject({ login, absent }),
]);

const presentTeam = z.strictObject({
  slug,
  name: z.string().min(1).max(255).exactOptional().describe("Its slug must be the team's slug."),
  description: z.string().max(1024).nullable().exactOptional(),
  privacy: z.enum(['closed', 'secret']).exactOptional(),
  notification_setting: z.enum(['notifications_enabled', 'notifications_disabled']).exactOptional(),
  parent: slug.nullable().exactOptional().describe('Slug of the parent team; null: none.'),
  members: z.array(member).exactOptional().describe('Members not named here are left as they are.'),
  absent: present,
});

/** Teams of the organisation, by slug; one that is not there is created. */
export const teams = z.array(z.discriminatedUnion('absent', [presentTeam, z.strictObject({ slug, absent })]));

export type PresentTeam = z.output<typeof presentTeam>;
