import type { SeedOrganization } from '../github/index.js';

/** The organisation that is brought to its standards. */
export const ORGANIZATION = 'acme';

/** What differs in each repository, in changes: its settings (three of them, one PATCH), one protection, two teams. */
export const DIFFERENCES = 4;

/** An organisation in which every repository is wrong in the same way. */
export function benchOrganization(repositories: number): SeedOrganization {
  return {
    login: ORGANIZATION,
    teams: [{ name: 'maintainers' }, { name: 'developers' }],
    repositories: Array.from({ length: repositories }, (_, index) => ({
      name: `repository-${String(index + 1).padStart(5, '0')}`,
      settings: { delete_branch_on_merge: false, allow_merge_commit: true, has_wiki: true },
      branch_protection: {
        main: {
          enforce_admins: false,
          required_status_checks: null,
          required_pull_request_reviews: null,
          restrictions: null,
        },
      },
      teams: { maintainers: 'triage', developers: 'pull' },
    })),
  };
}

/** The same organisation as its standards want it. */
export function rightOrganization(repositories: number): SeedOrganization {
  const organization = benchOrganization(repositories);
  return {
    ...organization,
    repositories: (organization.repositories ?? []).map(({ name }) => ({
      name,
      settings: { delete_branch_on_merge: true, allow_merge_commit: false, has_wiki: false },
      branch_protection: {
        main: {
          enforce_admins: true,
          required_status_checks: { strict: true, contexts: ['ci'] },
          required_pull_request_reviews: { required_approving_review_count: 1 },
          restrictions: null,
        },
      },
      teams: { maintainers: 'maintain', developers: 'push' },
    })),
  };
}

/** The same wishes as those of scripts/bench/plain.mjs. */
export const STANDARDS = `version: 1
organizations:
  - login: ${ORGANIZATION}
    repositories:
      - match: ['*']
        settings: { delete_branch_on_merge: true, allow_merge_commit: false, has_wiki: false }
        branch_protection:
          $default:
            enforce_admins: true
            required_status_checks: { strict: true, contexts: [ci] }
            required_pull_request_reviews: { required_approving_review_count: 1 }
            restrictions: null
        teams: { maintainers: maintain, developers: push }
`;

/** The lanes wide open: the simulated GitHub of the bench has no limits, and waiting for them is not what is measured. */
export const OPEN_LANES = `lanes:
  concurrent: 1000
  burst: 10000
  rest_points_per_minute: 10000000
  graphql_points_per_minute: 10000000
  content_per_minute: 10000000
  content_per_hour: 10000000
`;

/** The lanes as they are by default on a host that is not github.com: GitHub's documented limits. */
export const DOCUMENTED_LANES = 'lanes: { profile: documented }\n';

/** This GitHub shows what was written at once; else a plan would wait for what the run before, before a reset, has written. */
export const NO_LAG = 'activity: { read_lag: 0s }\n';
