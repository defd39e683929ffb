import type { Change } from '../../src/standards/model.js';
import type { RunStatus } from '../../src/workflows/contract.js';
import type { SagaInput, SagaPlan } from '../../src/workflows/saga-contract.js';
import { changeOf } from './saga-world.js';
import { type Bench, Run } from './support.js';

const ITEM = 'acme/new';

const github = (name: string, kind: Change['kind'] = 'team_repository'): SagaPlan => ({
  type: 'github',
  name,
  change: changeOf(name, kind),
});

const inTurn = (name: string, ...nodes: SagaPlan[]): SagaPlan => ({
  type: 'nested',
  name,
  body: { type: 'sequence', nodes },
  onFailure: 'fail',
});

/** As `create-repo` has it, with a connector in it. */
export const PLAN: SagaPlan = {
  type: 'sequence',
  nodes: [
    github('repository', 'repository'),
    github('protection', 'branch_protection'),
    inTurn('teams', github('teams/a'), github('teams/b')),
    { type: 'connector', name: 'pipeline', connector: 'ci', options: {}, needs: ['repository'] },
    inTurn('issues', github('issues/1', 'issue'), github('issues/2', 'issue')),
    github('description', 'repository_settings'),
  ],
};

export const STEPS = [
  'repository',
  'protection',
  'teams/a',
  'teams/b',
  'pipeline',
  'issues/1',
  'issues/2',
  'description',
];

let sagas = 0;

/** Starts a saga of the newest world. */
export async function startSaga(bench: Bench, over: Partial<SagaInput> = {}): Promise<Run> {
  const id = `create-repo-acme-${(sagas += 1)}`;
  const input: SagaInput = {
    kind: 'create-repo',
    organization: 'acme',
    item: ITEM,
    actor: 'ada',
    key: null,
    hash: 'hash',
    graphql: true,
    wait: false,
    document: {},
    plan: PLAN,
    ...over,
  };
  const handle = await bench.environment.client.workflow.start<(argument: SagaInput) => Promise<RunStatus>>(
    'saga',
    { taskQueue: 'test', workflowId: id, args: [input] },
  );
  return new Run(id, handle, bench);
}

/** The steps as the world knows them. */
export const inWorld = (steps: readonly string[]): string[] => steps.map((step) => `${ITEM} ${step}`);
