import { z } from 'zod';
import { absent, json, present } from './common.js';

/** Rule types of GitHub's REST API. */
const RULE_TYPES = [
  'creation',
  'update',
  'deletion',
  'required_linear_history',
  'merge_queue',
  'required_deployments',
  'required_signatures',
  'pull_request',
  'required_status_checks',
  'non_fast_forward',
  'commit_message_pattern',
  'commit_author_email_pattern',
  'committer_email_pattern',
  'branch_name_pattern',
  'tag_name_pattern',
  'file_path_restriction',
  'max_file_path_length',
  'file_extension_restriction',
  'max_file_size',
  'workflows',
  'code_scanning',
  'copilot_code_review',
] as const;

const names = z.strictObject({
  include: z.array(z.string().min(1)),
  exclude: z.array(z.string().min(1)).default([]),
});
const properties = z.array(
  z.strictObject({
    name: z.string().min(1),
    property_values: z.array(z.string()),
    source: z.enum(['custom', 'system']).exactOptional(),
  }),
);

const conditions = z.strictObject({
  ref_name: names.exactOptional(),
  repository_name: names.extend({ protected: z.boolean().exactOptional() }).exactOptional(),
  repository_id: z.strictObject({ repository_ids: z.array(z.int()) }).exactOptional(),
  repository_property: z
    .strictObject({ include: properties, exclude: properties.default([]) })
    .exactOptional(),
});

const bypassActor = z.strictObject({
  actor_id: z.int().nullable().exactOptional(),
  actor_type: z.enum([
    'Integration',
    'OrganizationAdmin',
    'RepositoryRole',
    'Team',
    'DeployKey',
    'EnterpriseOwner',
  ]),
  bypass_mode: z.enum(['always', 'pull_request', 'exempt']).default('always'),
});

const presentRuleset = z.strictObject({
  name: z.string().min(1).max(100),
  target: z.enum(['branch', 'tag', 'push', 'repository']).exactOptional(),
  enforcement: z.enum(['disabled', 'active', 'evaluate']).exactOptional(),
  bypass_actors: z.array(bypassActor).exactOptional(),
  conditions: conditions.nullable().exactOptional(),
  rules: z
    .array(
      z.strictObject({ type: z.enum(RULE_TYPES), parameters: z.record(z.string(), json).exactOptional() }),
    )
    .exactOptional(),
  absent: present,
});

/** Rulesets by name in GitHub's REST shape; keys left out keep what is there. */
export const rulesets = z.array(
  z.discriminatedUnion('absent', [presentRuleset, z.strictObject({ name: z.string().min(1), absent })]),
);

export type PresentRuleset = z.output<typeof presentRuleset>;
