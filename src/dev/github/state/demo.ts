import { seededRandom } from '../random.js';
import type { SeedOrganization, SeedRepository } from './seed.js';

const SUBJECTS = [
  'billing',
  'search',
  'checkout',
  'identity',
  'catalog',
  'shipping',
  'ledger',
  'mobile',
  'data',
  'edge',
];
const KINDS = ['api', 'web', 'worker', 'gateway', 'docs', 'tools', 'sdk', 'jobs'];
const TOPICS = ['typescript', 'go', 'python', 'internal', 'service', 'library'];

export interface DemoOptions {
  login?: string;
  /** 1 unless given; the same seed makes the same organisation. */
  seed?: number;
}

/** The branch protection that the demo's standards ask for, as the body of a REST PUT. */
const RIGHT_PROTECTION = {
  enforce_admins: true,
  required_status_checks: { strict: true, contexts: ['ci'] },
  required_pull_request_reviews: { required_approving_review_count: 1 },
  restrictions: null,
};
const WEAK_PROTECTION = {
  enforce_admins: false,
  required_status_checks: null,
  required_pull_request_reviews: { required_approving_review_count: 1, dismiss_stale_reviews: true },
  restrictions: null,
};

function nameAt(index: number): string {
  if (index % 12 === 11) return `legacy-${SUBJECTS[Math.floor(index / 12) % SUBJECTS.length]}-${index}`;
  const base = `${SUBJECTS[index % SUBJECTS.length]}-${KINDS[Math.floor(index / SUBJECTS.length) % KINDS.length]}`;
  return index < SUBJECTS.length * KINDS.length ? base : `${base}-${index}`;
}

function repositoryAt(index: number, random: () => number): SeedRepository {
  const chance = (probability: number): boolean => random() < probability;
  const right = index % 7 === 6;
  const wrong = (probability: number): boolean => !right && chance(probability);
  const branch = chance(0.1) ? 'master' : 'main';
  const repository: SeedRepository = {
    name: nameAt(index),
    settings: {
      description: `The ${nameAt(index).replaceAll('-', ' ')}`,
      visibility: chance(0.3) ? 'public' : 'private',
      delete_branch_on_merge: !wrong(0.7),
      allow_merge_commit: wrong(0.6),
      has_wiki: wrong(0.8),
      default_branch: branch,
    },
    topics: [
      ...(wrong(0.75) ? [] : ['managed']),
      ...(chance(0.4) ? [TOPICS[index % TOPICS.length] ?? 'service'] : []),
    ],
    teams: right
      ? { maintainers: 'maintain', developers: 'push' }
      : chance(0.5)
        ? { developers: 'pull' }
        : {},
  };
  if (right) repository.branch_protection = { [branch]: RIGHT_PROTECTION };
  else if (chance(0.3)) repository.branch_protection = { [branch]: WEAK_PROTECTION };
  if (chance(0.2)) repository.branches = ['develop'];
  return repository;
}

/**
 * An organisation of `count` repositories in a believable mix: most are wrong in some fields, every seventh is
 * right in all, the third is archived and the fifth is empty (where there are that many), every twelfth is called
 * `legacy-...`. Teams `maintainers` and `developers`, seven people.
 */
export function seedDemo(count: number, options: DemoOptions = {}): SeedOrganization {
  const random = seededRandom(options.seed ?? 1);
  const repositories = Array.from({ length: count }, (_, index) => repositoryAt(index, random));
  const archived = repositories[2];
  if (archived !== undefined) archived.settings = { ...archived.settings, archived: true };
  const empty = repositories[4];
  if (empty !== undefined) {
    empty.empty = true;
    delete empty.branches;
    delete empty.branch_protection;
    delete empty.settings?.['default_branch'];
  }
  return {
    login: options.login ?? 'acme',
    settings: { name: 'Acme', description: 'Everything, delivered', default_repository_permission: 'write' },
    members: ['ada', 'lin', 'sam', 'noor', 'kofi', 'mei'].map((login) => ({ login })),
    users: ['guest'],
    teams: [
      {
        name: 'maintainers',
        description: 'Keeps things going',
        members: [{ login: 'ada', role: 'maintainer' }, { login: 'sam' }],
      },
      { name: 'developers', members: ['lin', 'noor', 'kofi', 'mei'].map((login) => ({ login })) },
    ],
    repositories,
  };
}
