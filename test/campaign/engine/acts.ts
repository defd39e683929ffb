import { setTimeout as pause } from 'node:timers/promises';
import { standards } from '../../support/organization.js';
import type { Ran } from '../../support/program.js';
import { poison } from './faults.js';
import { violate } from './figures.js';
import { deviations } from './model.js';
import { type Round, type RunReport, reportOf, type Subject } from './round.js';

const TRIES = 5;
const NO_ANSWER = /No answer in time/;

const fileOf = ({ round, login }: Subject): string => round.stage.write(`${login}.yaml`, standards(login));

export const apply = (subject: Subject, ...more: string[]): Promise<Ran> =>
  subject.round.stage.orgsaga('apply', '-f', fileOf(subject), '--yes', '--json', '--wait', ...more);

export const watch = ({ round }: Subject, run: string): Promise<Ran> =>
  round.stage.orgsaga('watch', run, '--json');

export async function detached(subject: Subject, ...more: string[]): Promise<string> {
  return reportOf(await apply(subject, '--detach', ...more), 0).run;
}

/** Asked again where no worker was there to answer, as a person would. */
export async function cancel({ round }: Subject, run: string, ...more: string[]): Promise<Ran> {
  for (let tries = 1; ; tries++) {
    const ran = await round.stage.orgsaga('cancel', run, '--yes', '--json', ...more);
    if (ran.code === 0 || tries === TRIES || !NO_ANSWER.test(ran.stderr)) return ran;
  }
}

/** Waits until so many effects have reached the organisation. @throws Error after three minutes */
export async function effects(subject: Subject, least: number): Promise<void> {
  const { login, mark, round } = subject;
  const count = (): Promise<number> => round.stage.github.effects(login, mark);
  for (const end = Date.now() + 180_000; (await count()) < least; await pause(30))
    if (Date.now() > end) throw new Error(`${subject.login} never had ${least} effects`);
}

/** Retries what bad luck left, without faults, until the run is done. */
export async function settled(subject: Subject, ran: Ran): Promise<RunReport> {
  const report = reportOf(ran, 0, 5);
  if (ran.code === 0) return report;
  const { github } = subject.round.stage;
  await github.clearFaults();
  reportOf(await retry(subject, report.run), 0);
  return reportOf(await watch(subject, report.run), 0);
}

export const retry = ({ round }: Subject, run: string): Promise<Ran> =>
  round.stage.orgsaga('dlq', 'retry', '--run', run, '--all', '--json');

/** An apply that must end as if nothing had been. */
export async function committed(subject: Subject, ...more: string[]): Promise<RunReport> {
  const report = await settled(subject, await apply(subject, ...more));
  if (report.state !== 'Committed') throw new Error(`${report.run} ended ${report.state}: ${report.reason}`);
  await subject.judge(report);
  return report;
}

/** A run taken back, which must leave its organisation as it was. */
export async function rolledBack({ round, login, before }: Subject, run: string): Promise<void> {
  const { stage, figures, seed } = round;
  reportOf(await stage.orgsaga('rollback', run, '--yes', '--json'), 0);
  const found = deviations(before, await stage.github.dump(login));
  violate(
    figures,
    found.map((line) => `${line} [seed ${seed}, after the rollback of ${run}]`),
  );
}

/** An apply that is cancelled, twice at once, after so many effects, and must leave everything as it was. */
export const cancelled = (subject: Subject, after: number, ...more: string[]): Promise<void> =>
  cancelling(subject, after, more, (ran) => reportOf(ran, ...CANCELLED));

/** The same where somebody else writes too: what they changed of it stays, and is told. */
export const cancelledAmongOthers = (subject: Subject, after: number): Promise<void> =>
  cancelling(subject, after, [], (ran) =>
    ran.code === 5 ? withConflictsAlone(ran) : reportOf(ran, ...CANCELLED),
  );

/** Where the run was done before it was told, the cancel came too late. */
const CANCELLED = [3, 0];

async function cancelling(
  subject: Subject,
  after: number,
  more: string[],
  ended: (ran: Ran) => RunReport,
): Promise<void> {
  const run = await detached(subject, ...more);
  await effects(subject, after);
  for (const ran of await Promise.all([cancel(subject, run), cancel(subject, run)])) reportOf(ran, 0);
  await subject.judge(ended(await watch(subject, run)));
}

/** @throws Error where anything but conflicts needs a person */
function withConflictsAlone(ran: Ran): RunReport {
  const report = reportOf(ran, 5);
  const { conflicts = [], parked = [], totals } = report;
  if (conflicts.length === 0 || parked.length + totals.deadLettered + totals.parked > 0)
    throw new Error(`ended with 5, and not for conflicts alone: ${ran.stdout}`);
  return report;
}

type Disturbed = (work: Promise<Ran>) => Promise<Ran>;
const calm: Disturbed = (work) => work;

/** An apply some of whose repositories are refused; mended, they are retried by two people at once. */
export async function redriven(
  subject: Subject,
  names: readonly string[],
  { applying, retrying }: { applying: Disturbed; retrying: Disturbed } = { applying: calm, retrying: calm },
): Promise<void> {
  const { github } = subject.round.stage;
  const ids = await github.addFaults(names.flatMap((name) => poison(subject.login, name)));
  const report = reportOf(await applying(apply(subject)), 5);
  await subject.judge(report, { interim: true });
  await Promise.all(ids.map((id) => github.removeFault(id)));
  const again = async (): Promise<Ran> => {
    for (const { code, stdout, stderr } of await Promise.all([
      retry(subject, report.run),
      retry(subject, report.run),
    ]))
      if (code !== 0 && code !== 5) throw new Error(`retry ended with ${code}: ${stdout}${stderr}`);
    return watch(subject, report.run);
  };
  const ended = await settled(subject, await retrying(again()));
  if (ended.state !== 'Committed') throw new Error(`${ended.run} ended ${ended.state}: ${ended.reason}`);
  await subject.judge(ended);
}

/** Subjects of a round by their logins, which are the seed's own. */
export const subjects = (round: Round, ...logins: string[]): Promise<Subject[]> =>
  Promise.all(logins.map((login) => round.subject(login)));
