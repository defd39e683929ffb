import { organization } from '../support/organization.js';
import { apply, cancel, detached, effects, retry, settled, subjects, watch } from './engine/acts.js';
import { Build, buildOfRun, nextBuild, replayBuilds, temporal } from './engine/builds.js';
import type { Campaign } from './engine/campaign.js';
import { poison } from './engine/faults.js';
import { violate } from './engine/figures.js';
import { type Round, reportOf, type Subject } from './engine/round.js';

const REPOSITORIES = 12;
const HOW = ['--concurrency', '4'];

/** Rolling from one build to the next and back with runs in flight, then forward for good: the old workers are killed. */
export const f10: Campaign = {
  id: 'F10',
  title: 'rolling between two builds',
  rounds: 3,
  workers: 0,
  latencyMs: 150,
  ownReplay: true,
  organizations: (seed) =>
    ['old', 'new', 'waiting'].map((what) => organization(`f10-${what}-${seed}`, REPOSITORIES)),
  async play(round) {
    const { stage, seed } = round;
    const [next, since] = [nextBuild(), new Date()];
    const [old, new_] = [new Build(stage, `${seed}.1`), new Build(stage, `${seed}.2`, next.dist)];
    try {
      await roll(round, old, new_);
      const { errors, histories, marked, toldApart } = await replayBuilds(stage, since, [old, new_]);
      round.figures.replayed += histories;
      round.figures.replayErrors += errors.length;
      violate(
        round.figures,
        errors.map((error) => `replay: seed ${seed}: ${error}`),
      );
      if (marked === 0 || !toldApart)
        throw new Error(
          `of ${histories} histories ${marked} are of the next build, told apart: ${toldApart}`,
        );
    } finally {
      await Promise.all([...stage.workers].map((worker) => worker.kill()));
      next.remove();
    }
  },
};

async function roll(round: Round, old: Build, next: Build): Promise<void> {
  const { stage, seed } = round;
  await old.start(2);
  await old.becomeCurrent();
  const [first, second, third] = await subjects(
    round,
    ...['old', 'new', 'waiting'].map((what) => `f10-${what}-${seed}`),
  );
  if (first === undefined || second === undefined || third === undefined) return;
  const onOld = await detached(first, ...HOW);
  await effects(first, 8 + round.draw(20));

  // Forward, with a run in flight, which loses one of its two workers.
  await next.start(2);
  await next.becomeCurrent();
  const onNext = await detached(second, ...HOW);
  await kill(round, old);
  await effects(second, 8 + round.draw(20));

  // And back. What the next build began it ends, its undo too.
  await old.becomeCurrent();
  const letters = await stage.github.addFaults(poison(third.login, 'repo-001'));
  const [, waiting] = await Promise.all([kill(round, next), apply(third, ...HOW), cancel(second, onNext)]);
  const letter = reportOf(waiting, 5);
  await second.judge(reportOf(await watch(second, onNext), 3, 0));
  await committed(first, onOld);
  await expectBuild(round, onOld, old);
  await expectBuild(round, onNext, next);
  await expectBuild(round, letter.run, old);

  // Forward for good: a run that waits for a person goes over to the next build, and its letter is retried there.
  await next.becomeCurrent();
  const behavior = ['--versioning-override-behavior', 'auto_upgrade'];
  await temporal(stage, 'workflow', 'update-options', '--workflow-id', letter.run, ...behavior);
  while (old.workers.length > 0) await kill(round, old);
  await Promise.all(letters.map((id) => stage.github.removeFault(id)));
  reportOf(await retry(third, letter.run), 0);
  await committed(third, letter.run);
  await expectBuild(round, letter.run, next);
  await expectBuild(round, `${letter.run}/${third.login}/repo-001`, next);
}

async function committed(subject: Subject, run: string): Promise<void> {
  const report = await settled(subject, await watch(subject, run));
  if (report.state !== 'Committed') throw new Error(`${run} ended ${report.state}: ${report.reason}`);
  await subject.judge(report);
}

async function kill(round: Round, build: Build): Promise<void> {
  const victim = build.workers.pop();
  if (victim === undefined) return;
  round.killed('workers');
  await victim.kill();
}

async function expectBuild({ stage }: Round, workflowId: string, build: Build): Promise<void> {
  const was = await buildOfRun(stage, workflowId);
  if (was !== build.id) throw new Error(`${workflowId} is of build ${was}, not of ${build.id}`);
}
