import { describe, expect, it } from 'vitest';
import { type Break, brokenBuild } from '../support/broken-build.js';
import { organization, standards } from '../support/organization.js';
import { startSystem } from '../support/system.js';
import { poison, reportOf, Trial } from '../support/trial.js';

/** A team's creation whose answer is lost, and a repository that is refused half-way: what the checker finds of that run. */
async function findingsOf(dist?: string): Promise<string[]> {
  const system = await startSystem({
    seed: [organization('guarded', 3)],
    ...(dist === undefined ? {} : { dist }),
  });
  try {
    const trial = new Trial(system, 'guarded');
    const lost = { kind: 'status', status: 502, when: 'after', times: 1 } as const;
    system.github.faults.add({ match: { method: 'POST', path: '/orgs/guarded/teams' }, ...lost });
    poison(system, 'guarded', 'repo-001');
    const file = system.write('guarded.yaml', standards('guarded'));
    const report = reportOf(await system.orgsaga(['apply', '-f', file, '--yes', '--json']), 5);
    return trial.findings(report);
  } finally {
    await system.stop();
  }
}

/** Each guard, what is put in the place of it, and what the checker must then find. */
const GUARDS: Record<string, Break & { found: RegExp }> = {
  'looks before it repeats': {
    file: 'activities/step',
    from: '    records() {\n',
    to: '    records() {\n        return Promise.resolve([]);\n',
    found: /^blind repeat: .*POST \/orgs\/guarded\/teams/,
  },
  'undoes what it did': {
    file: 'transaction/journal',
    from: "const may = ['started', 'applied', 'unknown'];",
    to: 'const may = [];',
    found: /^mixed: guarded\/repo-001/,
  },
};

describe('the guards, and the checker that watches them', { timeout: 180_000 }, () => {
  it('hold in the build as it is', async () => {
    expect(await findingsOf()).toEqual([]);
  });

  it.each(Object.entries(GUARDS))(
    'a build that no longer %s is found out',
    async (_guard, { found, ...broken }) => {
      const build = brokenBuild(broken);
      try {
        expect((await findingsOf(build.dist)).filter((finding) => found.test(finding))).not.toEqual([]);
      } finally {
        build.remove();
      }
    },
  );
});
