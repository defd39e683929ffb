import type { Stack } from './stack.js';

/** Of those whose branch protection is wrong. */
const BROKEN = ['billing-web', 'search-worker', 'identity-gateway'];

/**
 * Makes GitHub refuse branch protection on three repositories, as it does on a plan without it.
 * @returns what mends it
 */
export function breakRepositories({ simulated }: Stack): () => void {
  if (simulated === null) throw new Error('The demo breaks only a simulated GitHub: unset GITHUB_API_URL.');
  const ids = BROKEN.map((name) =>
    simulated.faults.add({
      match: { method: 'PUT', path: `/repos/acme/${name}/branches/*/protection` },
      kind: 'status',
      status: 403,
      body: {
        message: 'Upgrade to GitHub Team or make this repository public to enable this feature.',
        documentation_url: 'https://docs.github.com/rest/branches/branch-protection#update-branch-protection',
        status: '403',
      },
    }),
  );
  return () => {
    for (const id of ids) simulated.faults.remove(id);
  };
}
