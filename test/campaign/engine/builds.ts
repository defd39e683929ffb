import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { findTemporalCli } from '../../../src/dev/tools.js';
import { brokenBuild } from '../../support/broken-build.js';
import { DIST } from '../../support/program.js';
import { historiesOf, type Kept, misfits } from './replays.js';
import type { Stage, StageWorker } from './stage.js';

type History = Kept['history'];

const run = promisify(execFile);
const DEPLOYMENT = 'orgsaga';
/** Until the server knows a new version, milliseconds. */
const REGISTERED_MS = 30_000;

/** One build of the program, and the workers that run it. */
export class Build {
  readonly workers: StageWorker[] = [];

  constructor(
    private readonly stage: Stage,
    readonly id: string,
    private readonly dist: string = DIST,
  ) {}

  async start(workers: number): Promise<void> {
    const env = { ORGSAGA_DEPLOYMENT: DEPLOYMENT, ORGSAGA_BUILD_ID: this.id };
    for (let started = 0; started < workers; started++)
      this.workers.push(await this.stage.startWorker(env, this.dist));
  }

  /** From here on new runs are this build's. As a person does it: with Temporal's own program. */
  async becomeCurrent(): Promise<void> {
    const args = ['worker', 'deployment', 'set-current-version', '--deployment-name', DEPLOYMENT];
    for (const end = Date.now() + REGISTERED_MS; ; await pause(300)) {
      try {
        await temporal(this.stage, ...args, '--build-id', this.id, '--yes');
        return;
      } catch (error) {
        if (Date.now() > end) throw error;
      }
    }
  }

  /** The workflows as this build's workers run them. */
  get bundle(): WorkflowBundleOption {
    return bundleOf(this.dist);
  }
}

/** The workflows as a build's workers run them. */
export const bundleOf = (dist: string): WorkflowBundleOption => ({
  codePath: join(dist, 'workflow-bundle.js'),
});

/** A command of Temporal's own program. @throws where it fails */
export async function temporal(stage: Stage, ...args: string[]): Promise<string> {
  return (await run(findTemporalCli(), [...args, '--address', stage.address])).stdout;
}

/**
 * The next release: its items leave a mark in their history that the build before knows nothing of, so a history of the one
 * cannot be replayed by the other.
 */
export const nextBuild = () =>
  brokenBuild({
    file: 'workflows/item',
    from: 'export async function applyItem(input) {\n',
    to: "import { patched as mark } from '@temporalio/workflow';\nexport async function applyItem(input) {\n    mark('next-release');\n",
  });

export interface Replayed {
  histories: number;
  /** Of items that the next build began. */
  marked: number;
  /** Histories that do not fit the build that they were last on, with what was said. */
  errors: string[];
  /** Whether histories of the next build are refused by the one before. */
  toldApart: boolean;
}

/** Replays every history since against the build on which it was last. */
export async function replayBuilds(
  stage: Stage,
  since: Date,
  [first, ...others]: readonly [Build, ...Build[]],
): Promise<Replayed> {
  const all = await historiesOf(stage, since);
  const errors: string[] = [];
  let replayed = 0;
  for (const { id, bundle } of [first, ...others]) {
    const own = all.filter(({ history }) => buildOf(history) === id);
    errors.push(...(await misfits(bundle, own)));
    replayed += own.length;
  }
  const marked = all.filter(({ history }) => isMarked(history));
  const refused = await misfits(first.bundle, marked);
  return { histories: replayed, marked: marked.length, errors, toldApart: refused.length > 0 };
}

const isMarked = ({ events }: History): boolean =>
  (events ?? []).some((event) => event.markerRecordedEventAttributes?.markerName === 'core_patch');

/** The build that completed the last workflow task. */
export function buildOf({ events }: History): string | undefined {
  const builds = (events ?? []).map(
    (event) => event.workflowTaskCompletedEventAttributes?.deploymentVersion?.buildId,
  );
  return builds.findLast((build) => typeof build === 'string') ?? undefined;
}

/** The build on which a run was last. */
export async function buildOfRun(stage: Stage, workflowId: string): Promise<string | undefined> {
  const connection = await Connection.connect({ address: stage.address });
  try {
    return buildOf(await new Client({ connection }).workflow.getHandle(workflowId).fetchHistory());
  } finally {
    await connection.close();
  }
}
