import { change } from './changes.js';
import type { ChangeKind, Json, JsonObject } from './model.js';
import type { SagaPlan } from './saga-plan.js';
import type { RepositoryFile } from './schema/repository-file.js';

/** What a new repository is where nothing else is said; one that is there already keeps what it has. */
export const STANDARD_VISIBILITY = 'private';
export const STANDARD_PROTECTION = {
  required_status_checks: null,
  enforce_admins: true,
  required_pull_request_reviews: { required_approving_review_count: 1 },
  restrictions: null,
};

const step = (
  name: string,
  kind: ChangeKind,
  key: string,
  after: Json,
  before: Json = null,
): SagaPlan & { type: 'github' } => ({
  type: 'github',
  name,
  change: change(name, kind, key, before, after),
});

/** The steps of making a repository, each by itself, for whoever builds a larger transaction of them. */
export const repositorySteps = {
  /** Makes it, marked as this run's. */
  create: (
    name: string,
    { repository, description, visibility = STANDARD_VISIBILITY }: Described,
  ): SagaPlan => step(name, 'repository', '', { name: nameOf(repository), description, visibility }),

  /**
   * Protects the default branch, by GitHub's own field names; what is not named keeps what is there. `asked` is what was
   * asked for in words: a standard put over a protection that is there would take away what it says more; null for nothing.
   */
  protect: (name: string, body: JsonObject, asked: JsonObject | null): SagaPlan => {
    const made = step(name, 'branch_protection', '$default', body);
    if (asked === body) return made;
    const instead = asked === null ? null : step(name, 'branch_protection', '$default', asked).change;
    return { ...made, adopted: instead };
  },

  /** Gives a team access. */
  grant: (slug: string, permission: string): SagaPlan =>
    step(`teams/${slug}`, 'team_repository', slug, permission),

  /** Opens an issue; `key` tells it from the run's others. */
  issue: (
    key: string,
    { title, body, labels }: { title: string; body: string; labels: string[] },
  ): SagaPlan => step(`issues/${key}`, 'issue', key, { title, body, labels }),

  /** Takes the mark off: from here on nothing but the store says who made the repository. */
  finish: (name: string, description: string): SagaPlan =>
    step(name, 'repository_settings', '', { description }, { description: null }),

  /** Closes what a call that came through late has opened a second time. */
  sweep: (name: string): SagaPlan => {
    const { change: swept, ...rest } = step(name, 'issue', '*', [], []);
    return { ...rest, change: { ...swept, action: 'delete' } };
  },
};

/**
 * The transaction of `create-repo`: create, protect, give teams access one after the other, open the issues, describe. The
 * grants and the issues are nested: half-way they take back their own before the rest is undone.
 */
export function createRepositoryPlan(file: RepositoryFile): SagaPlan {
  const grants = Object.entries(file.teams).map(([slug, permission]) =>
    repositorySteps.grant(slug, permission),
  );
  const issues = file.issues.map((issue, index) => repositorySteps.issue(String(index + 1), issue));
  const nodes: SagaPlan[] = [repositorySteps.create('repository', file)];
  const { branch_protection: asked } = file;
  if (asked !== false)
    nodes.push(repositorySteps.protect('protection', asked ?? STANDARD_PROTECTION, asked ?? null));
  if (grants.length > 0) nodes.push(nested('teams', grants));
  if (issues.length > 0) nodes.push(nested('issues', issues));
  nodes.push(repositorySteps.finish('description', file.description));
  if (issues.length > 0) nodes.push(repositorySteps.sweep('duplicates'));
  return { type: 'sequence', nodes };
}

/**
 * The same for a repository that is there already: it is not made, and a description or a protection is written only where
 * one is asked for. Null where nothing is left to do.
 */
export function adopted(plan: SagaPlan): SagaPlan | null {
  switch (plan.type) {
    case 'github':
      return adoptedStep(plan);
    case 'connector':
      return plan;
    case 'sequence':
    case 'parallel': {
      const nodes = plan.nodes.map(adopted).filter((node) => node !== null);
      return nodes.length === 0 ? null : { ...plan, nodes };
    }
    case 'nested': {
      const body = adopted(plan.body);
      return body === null ? null : { ...plan, body };
    }
  }
}

/** Every step of a plan that is an operation on GitHub. */
export function githubSteps(plan: SagaPlan): (SagaPlan & { type: 'github' })[] {
  switch (plan.type) {
    case 'github':
      return [plan];
    case 'connector':
      return [];
    case 'sequence':
    case 'parallel':
      return plan.nodes.flatMap(githubSteps);
    case 'nested':
      return githubSteps(plan.body);
  }
}

interface Described {
  /** As owner/name. */
  repository: string;
  description: string;
  visibility?: string;
}

function adoptedStep(plan: SagaPlan & { type: 'github' }): SagaPlan | null {
  const { adopted: instead, ...made } = plan;
  if (instead === null || isForNewOnly(plan)) return null;
  return instead === undefined ? plan : { ...made, change: instead };
}

function isForNewOnly({ change: { kind, before, after } }: SagaPlan & { type: 'github' }): boolean {
  if (kind === 'repository') return true;
  const asked = kind === 'repository_settings' ? (after as JsonObject) : null;
  const fields = asked === null ? [] : Object.entries(asked);
  return (
    fields.length > 0 &&
    fields.every(([field, value]) => field === 'description' && value === '') &&
    before !== null
  );
}

const nameOf = (repository: string): string => repository.slice(repository.indexOf('/') + 1);

const nested = (name: string, nodes: SagaPlan[]): SagaPlan => ({
  type: 'nested',
  name,
  body: { type: 'sequence', nodes },
  onFailure: 'fail',
});
