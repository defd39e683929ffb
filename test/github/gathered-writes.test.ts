import { describe, expect, it } from 'vitest';
import type { GitHubClient } from '../../src/github/client.js';
import type { GitHubClientOptions } from '../../src/github/client-options.js';
import { StaleError } from '../../src/github/errors.js';
import { operations } from '../../src/github/operations/index.js';
import type { OperationContext } from '../../src/github/operations/operation.js';
import { type Counted, countRequests } from '../../src/github/request-count.js';
import { planPage } from '../../src/planning.js';
import type { Change, ChangeKind, Target } from '../../src/standards/model.js';
import { parseStandards } from '../../src/standards/parse.js';
import { type World, world } from './support.js';

const REPOSITORIES = ['api', 'docs', 'shop', 'web'];
const OPEN_RULE = {
  required_status_checks: null,
  required_pull_request_reviews: null,
  enforce_admins: false,
  restrictions: null,
};
const SEED = [
  {
    login: 'acme',
    teams: [{ name: 'ops' }],
    repositories: REPOSITORIES.map((name) => ({
      name,
      topics: ['go'],
      labels: [{ name: 'bug', color: 'ff0000', description: 'Broken' }],
      // Of the half of them the rule is there and is changed, of the others it is made.
      ...(name < 'm' ? { branch_protection: { main: OPEN_RULE } } : {}),
    })),
  },
];
const FILE = `version: 1
organizations:
  - login: acme
    repositories:
      - match: ['*']
        topics: [managed]
        labels: [{ name: bug, color: 00ff00 }, { name: security, color: 0000ff }]
        teams: { ops: maintain }
        branch_protection:
          main:
            enforce_admins: true
            required_status_checks: { strict: true, contexts: [ci] }
            required_pull_request_reviews: { required_approving_review_count: 2 }
`;

interface Step {
  target: Target;
  change: Change & { kind: ChangeKind };
}

interface Stage {
  w: World;
  github: GitHubClient;
  steps: Step[];
}

/** Four repositories, of each five changes that GraphQL can do, planned by what GitHub shows. */
async function stage(options: Partial<GitHubClientOptions> = {}): Promise<Stage> {
  const w = await world(SEED);
  const github = w.client({ coalescing: { coalesce_max: 20, coalesce_max_wait: 500 }, ...options });
  const document = { ...parseStandards(FILE, 'standards.yaml'), files: {} };
  const { items } = await planPage(github, document, 'acme', null, 50);
  const steps = items.flatMap(({ target, changes }) => changes.map((change) => ({ target, change }) as Step));
  expect(steps).toHaveLength(20);
  return { w, github, steps };
}

const contextOf = (github: GitHubClient): OperationContext => ({
  github,
  run: 'apply-acme-1',
  content: async () => Buffer.alloc(0),
});

/** Does steps side by side, as their activities do. */
function write(
  { github }: Pick<Stage, 'github'>,
  steps: readonly Step[],
  context: Partial<OperationContext> = {},
): Promise<Counted<unknown>[]> {
  const all = { ...contextOf(github), ...context };
  return Promise.all(
    steps.map(({ target, change }) =>
      countRequests(() => operations[change.kind].write(all, target, change, change.before, change.after)),
    ),
  );
}

const protectionOf = (name: string) => `/repos/acme/${name}/branches/main/protection`;
const writes = ({ w }: Stage) => w.github.journal.requests().filter(({ points }) => points === 5);
const effects = ({ w }: Stage) => w.github.journal.effects().filter(({ changed }) => changed);
const of = (steps: readonly Step[], kind: ChangeKind, name?: string): Step[] =>
  steps.filter(({ change, target }) => change.kind === kind && (name === undefined || target.name === name));

/** The live values are what the steps wanted, as reads without a cache show. */
async function expectDone({ w }: Stage, steps: readonly Step[]): Promise<void> {
  const context = contextOf(w.client());
  for (const { target, change } of steps)
    expect(await operations[change.kind].read(context, target, change)).toEqual(change.after);
}

describe('writes of several repositories', () => {
  it('go in one request, which counts once, and are what was wanted', async () => {
    const at = await stage();
    const counted = await write(at, at.steps);
    expect(writes(at)).toMatchObject([{ path: '/graphql', status: 200 }]);
    expect(counted.map(({ outcome }) => outcome.ok)).toEqual(at.steps.map(() => true));
    expect(counted.map(({ applied }) => applied)).toEqual(at.steps.map(() => 1));
    expect(counted.reduce((sum, { count }) => sum + count.mutating, 0)).toBe(1);
    await expectDone(at, at.steps);
  });

  it('give back what GitHub has made of a protection', async () => {
    const at = await stage();
    const rules = of(at.steps, 'branch_protection');
    for (const [index, { outcome }] of (await write(at, rules)).entries())
      expect(outcome).toEqual({ ok: true, value: rules[index]?.change.after });
  });

  it('are those of REST where GraphQL may not be used', async () => {
    const at = await stage({ graphql: false });
    await write(at, at.steps);
    expect(writes(at)).toHaveLength(at.steps.length);
    expect(writes(at).some(({ path }) => path === '/graphql')).toBe(false);
    await expectDone(at, at.steps);
  });

  it('are each alone, and by REST, where they take something back', async () => {
    const at = await stage();
    await write(at, at.steps, { takesBack: 'apply-acme-1' });
    expect(writes(at)).toHaveLength(at.steps.length);
    expect(writes(at).some(({ path }) => path === '/graphql')).toBe(false);
  });
});

describe('a write that fails', () => {
  it('by its own error fails alone', async () => {
    const at = await stage();
    at.w.github.faults.add({
      match: { operation: 'updateTopics', repo: 'acme/docs' },
      kind: 'graphql-error',
      type: 'FORBIDDEN',
      message: 'Topics are locked',
    });
    const topics = of(at.steps, 'topics');
    const counted = await write(at, topics);
    expect(counted.map(({ outcome }) => outcome.ok)).toEqual([true, false, true, true]);
    expect(counted[1]).toMatchObject({
      outcome: { error: { failure: { kind: 'refused', status: 403 } } },
      applied: 0,
    });
    await expectDone(
      at,
      topics.filter(({ target }) => target.name !== 'docs'),
    );
  });

  it('with all others, where the answer is lost, is unknown for each, whether or not it was applied', async () => {
    const at = await stage();
    at.w.github.faults.add({
      match: { operation: 'updateTopics' },
      when: 'after',
      kind: 'status',
      status: 502,
      apply_first: 2,
      times: 1,
    });
    const topics = of(at.steps, 'topics');
    for (const { outcome, applied } of await write(at, topics)) {
      expect(outcome).toMatchObject({ ok: false, error: { failure: { kind: 'unknown', status: 502 } } });
      expect(applied).toBe(0);
    }
    expect(effects(at)).toHaveLength(2);
    expect(writes(at)).toHaveLength(1);
  });

  it('in a request that is refused as a whole is sent again alone', async () => {
    const at = await stage();
    at.w.github.faults.add({
      match: { path: '/graphql', write: true },
      kind: 'status',
      status: 403,
      body: { message: 'Resource not accessible by integration' },
      times: 1,
    });
    const topics = of(at.steps, 'topics');
    const counted = await write(at, topics);
    expect(counted.every(({ outcome }) => outcome.ok)).toBe(true);
    expect(counted.reduce((sum, { count }) => sum + count.mutating, 0)).toBe(5);
    expect(writes(at)).toHaveLength(5);
    await expectDone(at, topics);
  });

  it('for a mutation that the host has not goes by REST, as do all later ones of that name', async () => {
    const at = await stage();
    at.w.github.faults.add({
      match: { operation: 'updateTopics' },
      kind: 'status',
      status: 200,
      body: { errors: [{ message: "Field 'updateTopics' doesn't exist on type 'Mutation'" }] },
    });
    const [first, ...others] = of(at.steps, 'topics');
    await write(at, first === undefined ? [] : [first]);
    expect(writes(at).map(({ path }) => path)).toEqual(['/graphql', '/repos/acme/api/topics']);
    await write(at, [...others, ...of(at.steps, 'branch_protection')]);
    expect(writes(at).filter(({ path }) => path === '/graphql')).toHaveLength(2);
    await expectDone(at, [...of(at.steps, 'topics'), ...of(at.steps, 'branch_protection')]);
  });

  it('on a rule or label that is another by now, or that somebody has made meanwhile, is to be looked at again', async () => {
    const at = await stage();
    const rules = of(at.steps, 'branch_protection');
    const other = at.w.client();
    await other.rest(`DELETE ${protectionOf('api')}`);
    await other.rest(`PUT ${protectionOf('web')}`, OPEN_RULE);
    await other.rest('DELETE /repos/acme/docs/labels/bug');
    await other.rest('POST /repos/acme/docs/labels', { name: 'bug', color: 'abcdef' });
    const before = effects(at).length;
    const [label] = of(at.steps, 'label', 'docs').filter(({ change }) => change.key === 'bug');
    const steps = [...rules.filter(({ target }) => /api|web/.test(target.name)), ...(label ? [label] : [])];
    const counted = await write(at, steps);
    expect(counted).toHaveLength(3);
    for (const { outcome, applied } of counted) {
      expect(outcome).toMatchObject({ ok: false, error: expect.any(StaleError) });
      expect(applied).toBe(0);
    }
    expect(effects(at)).toHaveLength(before);
    // Having looked, it goes by itself.
    await write(at, steps, { alone: true });
    await expectDone(at, steps);
  });

  it('never takes a new name from a rule or label that somebody gives one meanwhile', async () => {
    const at = await stage();
    const other = at.w.client();
    const rule = of(at.steps, 'branch_protection', 'api')[0]?.change.node_id;
    const rename =
      'mutation($input: UpdateBranchProtectionRuleInput!) { updateBranchProtectionRule(input: $input) { clientMutationId } }';
    await other.graphql(
      rename,
      { input: { branchProtectionRuleId: rule ?? '', pattern: 'release/*' } },
      { mutation: true },
    );
    await other.rest('PATCH /repos/acme/api/labels/bug', { new_name: 'defect' });
    await write(at, at.steps);
    const context = contextOf(at.w.client());
    for (const [kind, key, newKey] of [
      ['branch_protection', 'main', 'release/*'],
      ['label', 'bug', 'defect'],
    ] as const) {
      const [step] = of(at.steps, kind, 'api').filter(({ change }) => change.key === key);
      if (step === undefined) throw new Error(`no change of ${key}`);
      const read = (name: string) =>
        operations[kind].read(context, step.target, { ...step.change, key: name });
      expect(await read(key)).toBeNull();
      expect(await read(newKey)).not.toBeNull();
    }
  });

  it('for a limit of GitHub that is told of a part closes the window for all', async () => {
    const at = await stage();
    at.w.github.faults.add({
      match: { operation: 'updateTopics', repo: 'acme/docs' },
      kind: 'graphql-error',
      type: 'RATE_LIMITED',
      message: 'API rate limit exceeded',
    });
    const counted = await write(at, of(at.steps, 'topics'));
    expect(counted[1]?.outcome).toMatchObject({ error: { failure: { kind: 'limited' } } });
    expect(at.w.gate.snapshot().closed.secondary).toBeGreaterThan(Date.now());
  });

  it('on a repository that is not there any more is refused, and does not reach another of its name', async () => {
    const at = await stage();
    const other = at.w.client();
    await other.rest('DELETE /repos/acme/api');
    await other.rest('POST /orgs/acme/repos', { name: 'api' });
    const before = effects(at).length;
    for (const { outcome } of await write(at, of(at.steps, 'topics', 'api')))
      expect(outcome).toMatchObject({ ok: false, error: { failure: { kind: 'refused', status: 404 } } });
    expect(effects(at)).toHaveLength(before);
  });
});
