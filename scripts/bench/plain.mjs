// What the bench measures against: the script that one writes for the job, with octokit and ten at once, and nothing
// else. It lists the repositories and writes what it wants into each without looking, so it repeats every write.
// Usage: GITHUB_API_URL=… GITHUB_TOKEN=… node plain.mjs ORGANISATION
import { Octokit } from '@octokit/rest';

const AT_ONCE = 10;

const [org] = process.argv.slice(2);
const octokit = new Octokit({ baseUrl: process.env.GITHUB_API_URL, auth: process.env.GITHUB_TOKEN });
const repositories = await octokit.paginate('GET /orgs/{org}/repos', { org, per_page: 100 });

async function bringToStandards({ name, default_branch: branch }) {
  const at = { owner: org, repo: name };
  await octokit.rest.repos.update({
    ...at,
    delete_branch_on_merge: true,
    allow_merge_commit: false,
    has_wiki: false,
  });
  await octokit.rest.repos.updateBranchProtection({
    ...at,
    branch,
    enforce_admins: true,
    required_status_checks: { strict: true, contexts: ['ci'] },
    required_pull_request_reviews: { required_approving_review_count: 1 },
    restrictions: null,
  });
  for (const [team_slug, permission] of Object.entries({ maintainers: 'maintain', developers: 'push' }))
    await octokit.rest.teams.addOrUpdateRepoPermissionsInOrg({ ...at, org, team_slug, permission });
}

async function place() {
  for (let next = repositories.pop(); next !== undefined; next = repositories.pop())
    await bringToStandards(next);
}

await Promise.all(Array.from({ length: AT_ONCE }, place));
