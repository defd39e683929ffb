import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { OURS } from '../../src/connectors/index.js';
import { loadOnboarding, onboardingJsonSchema } from '../../src/connectors/onboarding-request.js';
import { createRegistry } from '../../src/connectors/registry.js';
import { adopted, githubSteps } from '../../src/standards/create-repository.js';
import { StandardsError } from '../../src/standards/problem.js';
import type { SagaPlan } from '../../src/standards/saga-plan.js';
import { fakeDeps, orgsaga } from '../cli/support/fakes.js';
import { ACTIONS, onboarding } from '../support/onboarding.js';

const directory = mkdtempSync(join(tmpdir(), 'orgsaga-onboarding-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const registry = createRegistry(OURS);
const path = join(directory, 'onboarding.yaml');

function load(text: string) {
  writeFileSync(path, text);
  return loadOnboarding(path, registry);
}

async function problems(text: string): Promise<string[]> {
  const failed = await load(text).then(
    () => null,
    (error: unknown) => error,
  );
  if (!(failed instanceof StandardsError)) throw new Error(`not refused: ${String(failed)}`);
  return failed.problems.map(({ message }) => message.replace(`${path}:`, ''));
}

const NOTHING: SagaPlan = { type: 'sequence', nodes: [] };
const FILE = onboarding('payments');
const lineOf = (text: string, part: string): number => text.slice(0, text.indexOf(part)).split('\n').length;

/** Names of the steps in the order in which they are done. */
const names = (plan: SagaPlan): string[] => {
  if (plan.type === 'github' || plan.type === 'connector') return [plan.name];
  return plan.type === 'nested' ? names(plan.body) : plan.nodes.flatMap(names);
};

describe('an onboarding file', () => {
  it('comes to a plan: the repository, then the steps, each with the results it may read', async () => {
    const { plan, item, document } = await load(FILE);
    expect(item).toBe('acme/payments');
    expect(names(plan)).toEqual([
      'create_github_repo',
      'create_github_repo/protection',
      'teams/developers',
      'create_github_repo/description',
      'create_ci_pipeline',
      'setup_monitoring',
      'notify_team',
    ]);
    expect(JSON.stringify(plan)).toContain(
      '"needs":["create_github_repo","create_ci_pipeline","setup_monitoring"]',
    );
    expect(document).toMatchObject({ steps: [{}, { with: { default_branch: 'main' } }, {}, {}] });
  });

  it('says of a name that GitHub would fold what would become of it', async () => {
    const [problem] = await problems(FILE.replace('name: payments', 'name: pay ments'));
    expect(problem).toContain('GitHub would make "pay-ments" of it');
  });

  it('protects the branch after the last workflow that is committed to it, by its checks too', async () => {
    const { plan, document } = await load(onboarding('payments', ACTIONS));
    expect(names(plan).slice(0, 5)).toEqual([
      'create_github_repo',
      'teams/developers',
      'create_github_repo/description',
      'create_ci_pipeline/workflow',
      'create_ci_pipeline/protection',
    ]);
    expect(JSON.stringify(plan)).toContain('"required_status_checks":{"strict":false,"contexts":["test"]}');
    expect(document).toMatchObject({ files: { '.github/workflows/ci.yml': {} } });
  });

  it('leaves the protection of a repository that is there alone, but for the checks that a workflow names', async () => {
    expect(names(adopted((await load(FILE)).plan) ?? NOTHING)).not.toContain('create_github_repo/protection');
    const steps = githubSteps(adopted((await load(onboarding('payments', ACTIONS))).plan) ?? NOTHING);
    expect(steps.find(({ name }) => name === 'create_ci_pipeline/protection')?.change.after).toEqual({
      required_status_checks: { contexts: ['test'] },
    });
  });

  it('says its visibility only where the file names it', async () => {
    expect(await load(FILE)).not.toHaveProperty('visibility');
    const named = FILE.replace('  name: payments\n', '  name: payments\n  visibility: public\n');
    expect(await load(named)).toMatchObject({ visibility: 'public' });
  });

  it('makes the repository first also where no step says so', async () => {
    const text = FILE.replace('  - name: create_github_repo\n    uses: github\n', '');
    expect(names((await load(text)).plan)[0]).toBe('create_github_repo');
  });

  it('is told everything at once: an error of the repository or of one step hides none of another step', async () => {
    const text = FILE.replace('name: payments', 'name: pay ments')
      .replace('uses: buildkite', 'uses: buildkit')
      .replace('name: notify_team', 'name: 1notify')
      .replace('above: 5', 'above: five');
    expect((await problems(text)).join('\n')).toMatch(
      /pay ments[^]*"buildkit" is registered[^]*above: expected a number[^]*must begin with a letter/,
    );
  });

  it.each([
    [
      'the same step twice',
      ['name: notify_team', 'name: setup_monitoring'],
      /there is a step "setup_monitoring" already/,
    ],
    [
      'a connector that is not registered',
      ['uses: buildkite', 'uses: buildkit'],
      /no connector "buildkit" is registered; there are github, github-actions, buildkite, grafana, slack; did you mean "buildkite"\?/,
    ],
    [
      'a key that is not known',
      ['uses: slack', 'usess: slack'],
      /unknown key "usess"; did you mean "uses"\?/,
    ],
    ['an option that is not known', ['text: ', 'txt: '], /unknown key "txt"; did you mean "text"\?/],
    ['an option of the wrong type', ['above: 5', 'above: five'], /above: expected a number/],
    ['a channel by its name', ['channel: C0123456789', "channel: '#team'"], /must be the id of a channel/],
    [
      'a result of a step that is not there',
      ['steps.create_github_repo.', 'steps.create_repo.'],
      /\$\{steps\.create_repo\.\.\.\} reads a step that is not there before it/,
    ],
    [
      'a need that comes later',
      ['uses: grafana', 'uses: grafana\n    needs: [notify_team]'],
      /no earlier step is named "notify_team"/,
    ],
    ['a repository name that GitHub would fold', ['name: payments', 'name: pay ments'], /"pay ments"/],
    ['a credential', ['text: ', `text: 'ghp_${'a1B2'.repeat(9)}' # `], /holds a credential/],
    ['the repository made by a later step', ['uses: slack', 'uses: github'], /comes first/],
  ] as [string, [string, string], RegExp][])(
    'is refused for %s, with its line',
    async (_, [from, to], said) => {
      const text = FILE.replace(from, to);
      const found = await problems(text);
      const one = found.find((message) => said.test(message));
      expect(one, found.join('\n')).toBeDefined();
      expect(Number(/^(\d+):/.exec(one ?? '')?.[1])).toBeGreaterThanOrEqual(lineOf(FILE, from) - 4);
    },
  );

  it('has each connector read its options once', async () => {
    const read: string[] = [];
    const noting = OURS.map((connector) => {
      const noted = z.unknown().transform((given) => {
        read.push(connector.name);
        return given;
      });
      return { ...connector, options: noted.pipe(connector.options) };
    });
    writeFileSync(path, FILE);
    await loadOnboarding(path, createRegistry(noting));
    expect(read).toEqual(['buildkite', 'grafana', 'slack']);
  });

  it('is refused by the command line with exit 2, all that is wrong at once, and nothing is asked of a server', async () => {
    writeFileSync(path, FILE.replace('uses: buildkite', 'uses: jenkins').replace('above: 5', 'above: five'));
    const ran = await orgsaga(['onboard', '-f', path, '--yes'], fakeDeps({ loadOnboarding: load2 }));
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('jenkins');
    expect(ran.stderr).toContain('above');
    expect(ran.stderr).toMatch(/onboarding\.yaml:\d+:\d+/);
  });

  it('has the JSON Schema that ships, and the example keeps to it', async () => {
    const url = new URL('../../schema/onboarding.schema.json', import.meta.url);
    expect(JSON.parse(readFileSync(url, 'utf8'))).toEqual(onboardingJsonSchema());
    const example = new URL('../../examples/onboarding.yaml', import.meta.url);
    expect((await load(readFileSync(example, 'utf8'))).item).toBe('acme/payments');
  });

  it('starts a run with the plan and nothing secret', async () => {
    writeFileSync(path, FILE);
    const asked: unknown[] = [];
    const ran = await orgsaga(
      ['onboard', '-f', path, '--yes', '--detach', '--json', '--key', 'payments'],
      fakeDeps({
        loadOnboarding: load2,
        client: {
          startSaga: async (input) => {
            asked.push(input);
            return { run: 'onboard-acme-1', existing: false };
          },
        },
      }),
    );
    expect(JSON.parse(ran.stdout)).toEqual({ run: 'onboard-acme-1', existing: false });
    expect(asked).toMatchObject([
      { kind: 'onboard', organization: 'acme', item: 'acme/payments', key: 'payments', adopt: false },
    ]);
  });
});

const load2 = (file: string) => loadOnboarding(file, registry);
