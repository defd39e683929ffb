import { z } from 'zod';
import { DURATION_FORM, parseDuration } from '../config/duration.js';
import { checkOrganizationLogin } from '../security/identifiers.js';
import { named } from './schema/common.js';
import { repositoryRule } from './schema/repositories.js';
import { rulesets } from './schema/rulesets.js';
import { organizationSettings } from './schema/settings.js';
import { teams } from './schema/teams.js';

const duration = z.string().superRefine((text, context) => {
  if (!((parseDuration(text) ?? 0) > 0))
    context.addIssue({ code: 'custom', message: `${JSON.stringify(text)} is not ${DURATION_FORM}` });
});

const organization = z.strictObject({
  login: named(checkOrganizationLogin, 'organisation'),
  settings: organizationSettings.default({}),
  rulesets: rulesets.default([]),
  teams: teams.default([]),
  repositories: z
    .array(repositoryRule)
    .default([])
    .describe('Rules, in order; a later rule overrides an earlier one, key by key.'),
  on_failure: z
    .enum(['rollback', 'checkpoint'])
    .default('rollback')
    .describe('What becomes of finished steps when a later one fails for good.'),
  approval: z.enum(['none', 'required']).default('none'),
  dead_letter: z
    .strictObject({
      max_retries: z.int().min(1).max(1000).exactOptional().describe('Attempts in all.'),
      deadline: duration.exactOptional().describe('How long dead letters keep a run open, e.g. 7d.'),
    })
    .default({})
    .describe('Over orgsaga.config.yaml.'),
});

/** The standards file, version 1. What comes out of it goes through it again unchanged. */
export const standardsFile = z.strictObject({
  version: z.literal(1).describe('Of this format.'),
  organizations: z.array(organization).min(1),
});

export type StandardsFile = z.output<typeof standardsFile>;
export type OrganizationStandards = z.output<typeof organization>;
