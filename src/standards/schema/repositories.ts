import { z } from 'zod';
import {
  checkColor,
  checkGlob,
  checkLabelName,
  checkPath,
  checkTeamSlug,
  checkTemplatePath,
  checkTopic,
} from '../../security/identifiers.js';
import { PERMISSIONS } from '../model.js';
import { absent, named, present } from './common.js';
import { branchProtection } from './protection.js';
import { rulesets } from './rulesets.js';
import { repositorySettings } from './settings.js';

const VISIBILITIES = ['public', 'private', 'internal'] as const;

const glob = named(checkGlob, 'glob');
const topic = named(checkTopic, 'topic');
const labelName = named(checkLabelName, 'label');
const path = named(checkPath, 'path');
const via = z.enum(['commit', 'pull_request']).default('pull_request');

const presentLabel = z.strictObject({
  name: labelName,
  color: named(checkColor, 'colour')
    .transform((color) => color.toLowerCase())
    .exactOptional(),
  description: z.string().max(100).nullable().exactOptional(),
  absent: present,
});

const presentFile = z.strictObject({
  path,
  from: named(checkTemplatePath, 'template').describe(
    'The template, relative to this file and inside its folder.',
  ),
  via,
  absent: present,
});

/** One rule: which repositories it is about, and what they are to be. */
export const repositoryRule = z.strictObject({
  match: z.array(glob).min(1).describe('Globs on the name; a repository that fits one of them is meant.'),
  exclude: z.array(glob).exactOptional().describe('Globs on the name of those that are left out.'),
  visibility: z
    .union([z.enum(VISIBILITIES), z.array(z.enum(VISIBILITIES)).min(1)])
    .transform((value) => (typeof value === 'string' ? [value] : value))
    .exactOptional()
    .describe('Only repositories of this visibility.'),
  with_topics: z
    .array(topic)
    .min(1)
    .exactOptional()
    .describe('Only repositories that have all these topics.'),
  archived: z.boolean().exactOptional().describe('Only repositories that are, or are not, archived.'),
  settings: repositorySettings.exactOptional(),
  topics: z
    .array(z.union([topic, z.strictObject({ name: topic, absent })]))
    .exactOptional()
    .describe('Topics to add; those not named are left as they are.'),
  branch_protection: branchProtection.exactOptional(),
  rulesets: rulesets.exactOptional(),
  teams: z
    .record(named(checkTeamSlug, 'team'), z.enum([...PERMISSIONS, 'absent']))
    .exactOptional()
    .describe('What each team may do; `absent`: nothing.'),
  labels: z
    .array(z.discriminatedUnion('absent', [presentLabel, z.strictObject({ name: labelName, absent })]))
    .exactOptional(),
  files: z
    .array(z.discriminatedUnion('absent', [presentFile, z.strictObject({ path, via, absent })]))
    .exactOptional(),
});

export type RepositoryRule = z.output<typeof repositoryRule>;
export type PresentLabel = z.output<typeof presentLabel>;
export type FileRule = NonNullable<RepositoryRule['files']>[number];
