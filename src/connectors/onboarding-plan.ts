import { repositorySteps, STANDARD_PROTECTION } from '../standards/create-repository.js';
import type { JsonObject } from '../standards/model.js';
import type { SagaPlan } from '../standards/saga-plan.js';
import { checksAlone, type GithubActionsOptions, withChecks, workflowStep } from './github-actions/plan.js';
import { GITHUB_STEP, type OnboardingFile, type OnboardingStep } from './onboarding-file.js';

/** A step whose options have been checked and have their defaults. */
export type CheckedStep = OnboardingStep & { with: JsonObject };

/**
 * The transaction of an onboarding: the repository, then the steps in the file's order. Where a step commits a workflow, the
 * default branch is protected right after the last such commit, which it would forbid.
 */
export function onboardingPlan(file: OnboardingFile, steps: readonly CheckedStep[]): SagaPlan {
  const github = steps.find(({ uses }) => uses === 'github')?.name ?? GITHUB_STEP;
  const others = steps.filter(({ uses }) => uses !== 'github');
  const workflows = others.filter(({ uses }) => uses === 'github-actions');
  const { branch_protection: named } = file.repository;
  const checks = workflows.map(actions);
  const protection = withChecks(named ?? STANDARD_PROTECTION, checks);
  const asked = named === undefined ? checksAlone(checks) : protection;
  const protect = (name: string): SagaPlan[] =>
    protection === false || asked === false
      ? []
      : [repositorySteps.protect(`${name}/protection`, protection, asked)];
  const earlier: string[] = [github];
  const nodes: SagaPlan[] = [repositoryPlan(github, file, workflows.length === 0 ? protect(github) : [])];
  for (const step of others) {
    const { name, uses, needs = [...earlier], with: options } = step;
    earlier.push(name);
    if (uses === 'github-actions') {
      const last = step === workflows.at(-1);
      nodes.push(
        nested(name, [workflowStep(`${name}/workflow`, actions(step)), ...(last ? protect(name) : [])]),
      );
    } else nodes.push({ type: 'connector', name, connector: uses, options, needs });
  }
  return { type: 'sequence', nodes };
}

function repositoryPlan(name: string, file: OnboardingFile, protection: SagaPlan[]): SagaPlan {
  const { organization, repository } = file;
  const grants = Object.entries(repository.teams).map(([slug, permission]) =>
    repositorySteps.grant(slug, permission),
  );
  const issues = repository.issues.map((issue, index) => repositorySteps.issue(String(index + 1), issue));
  const asked = { ...repository, repository: `${organization}/${repository.name}` };
  return nested(name, [
    repositorySteps.create(name, asked),
    ...protection,
    ...grants,
    ...issues,
    repositorySteps.finish(`${name}/description`, repository.description),
    ...(issues.length > 0 ? [repositorySteps.sweep(`${name}/duplicates`)] : []),
  ]);
}

const actions = ({ with: options }: CheckedStep): GithubActionsOptions => options as GithubActionsOptions;

const nested = (name: string, nodes: SagaPlan[]): SagaPlan => ({
  type: 'nested',
  name,
  body: { type: 'sequence', nodes },
  onFailure: 'fail',
});
