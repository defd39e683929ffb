import { z } from 'zod';
import {
  checkLabelName,
  checkOrganizationLogin,
  checkRepositoryName,
  checkTeamSlug,
} from '../../security/identifiers.js';
import { PERMISSIONS } from '../model.js';
import { MOST_DESCRIPTION } from '../repository-marker.js';
import { named } from './common.js';
import { protectionBody } from './protection.js';

/** Why a name cannot be a new repository's; GitHub would fold a name that it does not like into another. */
export function checkNewName(name: string): string | null {
  const reason = checkRepositoryName(name);
  if (reason === null) return null;
  const folded = name.replace(/[^A-Za-z0-9._-]+/g, '-');
  const instead = name !== folded && checkRepositoryName(folded) === null ? folded : null;
  return `${reason}${instead === null ? '' : `; GitHub would make "${instead}" of it`}`;
}

/** Why an `owner/name` cannot be a new repository. */
export function checkFullName(value: string): string | null {
  const [owner = '', name, ...others] = value.split('/');
  if (name === undefined || others.length > 0) return 'is not written as owner/name';
  const wrong = checkOrganizationLogin(owner);
  if (wrong !== null) return `has an owner that ${wrong}`;
  const reason = checkNewName(name);
  return reason === null ? null : `has a name that ${reason}`;
}

// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;

/** A name, a title: one line, not blank. */
const title = z
  .string()
  .max(256)
  .refine((value) => value.trim() !== '', { error: 'may not be empty' })
  .refine((value) => !CONTROL.test(value), { error: 'must be one line' });

export const repositoryName = named(checkFullName, 'repository');
export const repositoryDescription = z
  .string()
  .max(MOST_DESCRIPTION)
  .refine((value) => !CONTROL.test(value), { error: 'must be one line, as GitHub takes it' });

export const initialIssue = z.strictObject({
  title,
  body: z.string().max(10_000).default('').describe('Markdown.'),
  labels: z.array(named(checkLabelName, 'label')).max(100).default([]),
});

/**
 * What `orgsaga create-repo -f` reads, version 1. What comes out of it goes through it again unchanged. Visibility and
 * protection have no default here: of a repository that is there already they are only touched where they are named.
 */
export const repositoryFile = z.strictObject({
  version: z.literal(1).describe('Of this format.'),
  repository: repositoryName.describe('As owner/name.'),
  description: repositoryDescription.default(''),
  visibility: z
    .enum(['private', 'public', 'internal'])
    .exactOptional()
    .describe('A new repository is private unless this is said.'),
  branch_protection: z
    .union([protectionBody, z.literal(false)])
    .exactOptional()
    .describe(
      'Of the default branch; false for none. A new one needs one approving review, also from administrators, unless this is said.',
    ),
  teams: z
    .record(named(checkTeamSlug, 'team'), z.enum(PERMISSIONS))
    .default({})
    .describe('What each team may do, by slug; granted in this order.'),
  issues: z.array(initialIssue).max(20).default([]).describe('Opened in this order.'),
});

export type RepositoryFile = z.output<typeof repositoryFile>;
