import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ran } from './program.js';
import { type System, startSystem } from './system.js';

/** The file that {@link Proposals.apply} proposes to every repository. */
export const PROPOSED = 'SECURITY.md';

const standards = (login: string): string => `version: 1
organizations:
  - login: ${login}
    teams: [{ slug: ops, description: After }]
    repositories:
      - match: ['*']
        settings: { has_wiki: false }
        files: [{ path: ${PROPOSED}, from: templates/SECURITY.md, via: pull_request }]
`;

export interface Proposals {
  system: System;
  /** Applies a file that proposes a file and changes a setting beside it. */
  apply: (login: string, ...flags: string[]) => Promise<Ran>;
}

/** Organisations with those repositories and a team, whose standards change a file by pull request. */
export async function startProposals(logins: string[], repositories: string[]): Promise<Proposals> {
  const system = await startSystem({
    seed: logins.map((login) => ({
      login,
      teams: [{ name: 'ops', description: 'Before' }],
      repositories: repositories.map((name) => ({
        name,
        settings: { has_wiki: true },
        files: { 'README.md': name },
      })),
    })),
  });
  mkdirSync(join(system.directory, 'templates'));
  writeFileSync(join(system.directory, 'templates', 'SECURITY.md'), 'Write to security@example.com\n');
  return {
    system,
    apply: (login, ...flags) => {
      const file = system.write(`${login}.yaml`, standards(login));
      return system.orgsaga(['apply', '-f', file, '--yes', '--json', ...flags]);
    },
  };
}

/** Cancels a run that a team's refused settings keep from its end, when `changed` has done its part; how it ended is watched. */
export async function cancelled(
  { system, apply }: Proposals,
  login: string,
  changed: () => Promise<void>,
): Promise<{ cancel: Ran; watched: Ran }> {
  // Teams come last.
  const match = { method: 'PATCH', path: `/orgs/${login}/teams/ops` };
  const fault = system.github.faults.add({ match, kind: 'status', status: 503 });
  const { run } = JSON.parse((await apply(login, '--detach')).stdout) as { run: string };
  await changed();
  const cancel = await system.orgsaga(['cancel', run, '--yes', '--json']);
  system.github.faults.remove(fault);
  return { cancel, watched: await system.orgsaga(['watch', run, '--json']) };
}
