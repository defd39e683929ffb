import { z } from 'zod';
import { checkOrganizationLogin } from '../security/identifiers.js';
import { named } from '../standards/schema/common.js';
import { checkNewName, repositoryFile } from '../standards/schema/repository-file.js';

/** The step that makes the repository, where the file does not name it. */
export const GITHUB_STEP = 'create_github_repo';

const { description, visibility, branch_protection, teams, issues } = repositoryFile.shape;

const stepName = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, {
  error: 'must begin with a letter and hold letters, digits, _ and - only, 64 at most',
});

export const onboardingStep = z.strictObject({
  name: stepName.describe('Of the step, once in the file.'),
  uses: z.string().min(1).describe('github, github-actions, or the name of a connector.'),
  with: z.record(z.string(), z.json()).default({}).describe("The connector's options."),
  needs: z
    .array(z.string())
    .exactOptional()
    .describe('Earlier steps whose results it reads; all of them unless given.'),
});

/** Steps of a file. */
export const MOST_STEPS = 50;

/** What `orgsaga onboard -f` reads, version 1. */
export const onboardingFile = z.strictObject({
  version: z.literal(1).describe('Of this format.'),
  organization: named(checkOrganizationLogin, 'organization').describe("Login of GitHub's organisation."),
  repository: z.strictObject({
    name: named(checkNewName, 'repository'),
    description,
    visibility,
    branch_protection,
    teams,
    issues,
  }),
  steps: z
    .array(onboardingStep)
    .min(1)
    .max(MOST_STEPS)
    .describe('Done in this order, undone in the reverse.'),
});

export type OnboardingFile = z.output<typeof onboardingFile>;
export type OnboardingStep = z.output<typeof onboardingStep>;
