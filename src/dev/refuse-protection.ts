import type { FaultRule, SimulatedGitHub } from './github/index.js';

const MESSAGE = 'Upgrade to GitHub Team or make this repository public to enable this feature.';

/** What makes GitHub refuse a repository's branch protection, over REST and GraphQL, as it does on a plan without it. */
export function protectionRefusals(login: string, name: string): FaultRule[] {
  return [
    {
      match: { method: 'PUT', path: `/repos/${login}/${name}/branches/*/protection` },
      kind: 'status',
      status: 403,
      body: {
        message: MESSAGE,
        documentation_url: 'https://docs.github.com/rest/branches/branch-protection#update-branch-protection',
        status: '403',
      },
    },
    ...['createBranchProtectionRule', 'updateBranchProtectionRule'].map(
      (operation): FaultRule => ({
        match: { operation, repo: `${login}/${name}` },
        kind: 'graphql-error',
        type: 'FORBIDDEN',
        message: MESSAGE,
      }),
    ),
  ];
}

/** {@link protectionRefusals}, at once. @returns what mends it */
export function refuseProtection(
  { faults }: Pick<SimulatedGitHub, 'faults'>,
  login: string,
  name: string,
): () => void {
  const ids = protectionRefusals(login, name).map((rule) => faults.add(rule));
  return () => {
    for (const id of ids) faults.remove(id);
  };
}
