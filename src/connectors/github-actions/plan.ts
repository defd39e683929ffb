import { z } from 'zod';
import { change } from '../../standards/changes.js';
import { blobSha } from '../../standards/hash.js';
import type { JsonObject } from '../../standards/model.js';
import type { SagaPlan } from '../../standards/saga-plan.js';

/** What `uses: github-actions` takes. */
export const githubActionsOptions = z.strictObject({
  file: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*\.ya?ml$/, {
      error: 'must be the name of a file in .github/workflows, such as ci.yml',
    })
    .default('ci.yml')
    .describe('Name of the file in .github/workflows.'),
  workflow: z.string().min(1).describe('The workflow, as GitHub Actions reads it.'),
  required_checks: z
    .array(z.string().min(1).max(256))
    .max(50)
    .default([])
    .describe('Names of its jobs that a pull request must pass.'),
  strict: z.boolean().default(false).describe('A branch must be up to date before it is merged.'),
});

export type GithubActionsOptions = z.output<typeof githubActionsOptions>;

export const workflowPath = ({ file }: GithubActionsOptions): string => `.github/workflows/${file}`;

/** The commit of a workflow file; its bytes come with the run's document, under the file's path. */
export function workflowStep(name: string, options: GithubActionsOptions): SagaPlan {
  const path = workflowPath(options);
  const after = { sha: blobSha(Buffer.from(options.workflow)), from: path };
  return { type: 'github', name, change: { ...change(name, 'file', path, null, after), via: 'commit' } };
}

/** A protection that asks for these checks too; for a branch that is to have no other, nothing else. */
export function withChecks(
  protection: JsonObject | false,
  asked: readonly GithubActionsOptions[],
): JsonObject | false {
  const names = checkNames(asked);
  if (names.length === 0) return protection;
  const base = protection === false ? UNPROTECTED : protection;
  const known = base['required_status_checks'];
  const before = typeof known === 'object' && known !== null && !Array.isArray(known) ? known : {};
  const listed = Array.isArray(before['contexts']) ? before['contexts'] : [];
  const strict = before['strict'] === true || asked.some((one) => one.strict);
  const { checks } = before;
  const required = Array.isArray(checks)
    ? { strict, checks: [...checks, ...names.map((context) => ({ context, app_id: -1 }))] }
    : { strict, contexts: [...new Set([...listed, ...names])] };
  return { ...base, required_status_checks: required };
}

/** These checks by themselves, for a protection that is there; null where there are none. */
export function checksAlone(asked: readonly GithubActionsOptions[]): JsonObject | null {
  const contexts = checkNames(asked);
  if (contexts.length === 0) return null;
  // Not strict is the default, not something that was asked for.
  const strict = asked.some((one) => one.strict) ? { strict: true } : {};
  return { required_status_checks: { ...strict, contexts } };
}

const checkNames = (asked: readonly GithubActionsOptions[]): string[] => [
  ...new Set(asked.flatMap(({ required_checks }) => required_checks)),
];

const UNPROTECTED: JsonObject = {
  required_status_checks: null,
  enforce_admins: false,
  required_pull_request_reviews: null,
  restrictions: null,
};
