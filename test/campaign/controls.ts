import { setTimeout as pause } from 'node:timers/promises';
import { type Break, brokenBuild } from '../support/broken-build.js';
import { type OrganizationDump, organization, standards, wanted } from '../support/organization.js';
import { executeIn } from '../support/stored.js';
import { apply, detached, effects } from './engine/acts.js';
import { poison } from './engine/faults.js';
import { named, Round, reportOf, type Subject } from './engine/round.js';
import { Stage } from './engine/stage.js';

const LOGIN = 'guarded';
const OTHER = 'other';
const FILES = ['.github/CODEOWNERS', 'SECURITY.md'];

/** Another rule of the file: two files, committed one after the other. */
const WITH_FILES = [
  "  - match: ['repo-*']",
  `    files: [${FILES.map((path) => `{ path: ${path}, from: ours.txt, via: commit }`).join(', ')}]`,
];

function wantedWithFiles(before: OrganizationDump): OrganizationDump {
  const all = wanted(before);
  const ours = Object.fromEntries(FILES.map((path) => [path, 'Ours\n']));
  return {
    ...all,
    repositories: Object.fromEntries(
      Object.entries(all.repositories).map(([name, repository]) => {
        const main = { ...(repository.branches['main'] as Record<string, string>), ...ours };
        return [name, { ...repository, branches: { ...repository.branches, main } }];
      }),
    ),
  };
}

/** A team's creation whose answer is lost, and a repository that is refused after its files were committed. */
async function lostAndRefused(subject: Subject): Promise<void> {
  const { stage } = subject.round;
  const lost = { kind: 'status', status: 502, when: 'after', times: 1 } as const;
  const creation = { match: { method: 'POST', path: `/orgs/${LOGIN}/teams` }, ...lost };
  await stage.github.addFaults([named('lost', 1, creation), ...poison(LOGIN, 'repo-001')]);
  stage.write('ours.txt', 'Ours\n');
  const file = stage.write(`${LOGIN}.yaml`, standards(LOGIN, ...WITH_FILES));
  const report = reportOf(await stage.orgsaga('apply', '-f', file, '--yes', '--json'), 5);
  await subject.judge(report, { wanted: wantedWithFiles(subject.before) });
}

/** How long a run that has lost its lock is watched; its writes come every few milliseconds. */
const WATCHED_MS = 3_000;

/** The organisation's lock goes to another run in the middle of a run, as after a partition of the network. */
async function lockLost(subject: Subject): Promise<void> {
  const { stage } = subject.round;
  // A run that is alive, or else the lock would be taken back: it waits for a person.
  await stage.github.addFaults(poison(OTHER, 'repo-001'));
  const { run: other } = reportOf(await apply(await subject.round.subject(OTHER)), 5);
  const run = await detached(subject, '--concurrency', '1');
  await effects(subject, 12);
  executeIn(
    stage.store,
    `update locks set run = '${other}', fence = fence + 1 where organization = '${LOGIN}'`,
  );
  const at = Date.now();
  await pause(WATCHED_MS);
  await subject.judgeOrder({ run, at });
}

export interface Control {
  /** What the build no longer does. */
  name: string;
  breaks: Break;
  scenario: (subject: Subject) => Promise<void>;
  /** What the checker must find then. */
  found: RegExp;
}

/** Each guard, what is put in the place of it, and what the checker must then find. */
export const CONTROLS: readonly Control[] = [
  {
    name: 'looks before it repeats',
    breaks: {
      file: 'activities/step',
      from: 'if (fresh && dos.length + undos.length === 0)',
      to: 'if (fresh)',
    },
    scenario: lostAndRefused,
    found: /^blind repeat: .*POST \/orgs\/guarded\/teams/,
  },
  {
    name: 'undoes in reverse order',
    breaks: { file: 'transaction/journal', from: '\n        .toReversed()', to: '' },
    scenario: lostAndRefused,
    found: /^order: guarded\/repo-001 file/,
  },
  {
    name: 'fences off a run without the lock',
    breaks: { file: 'store/records', from: 'if (run !== intent.run) {', to: 'if (run === 0) {' },
    scenario: lockLost,
    found: /^fence: /,
  },
  {
    name: 'undoes what it did',
    breaks: {
      file: 'transaction/journal',
      from: "const may = ['started', 'applied', 'unknown'];",
      to: 'const may = [];',
    },
    scenario: lostAndRefused,
    found: /^mixed: guarded\/repo-001/,
  },
  {
    name: 'decides the same when it is replayed',
    breaks: {
      file: 'workflows/item',
      from: 'export async function applyItem(input) {\n',
      to: "import { sleep as pause, workflowInfo as about } from '@temporalio/workflow';\nexport async function applyItem(input) {\n    if (!about().unsafe.isReplaying) await pause(1);\n",
    },
    scenario: lostAndRefused,
    found: /^replay: .*guarded\/repo-00/,
  },
];

/** What the checker finds of a scenario, played with the build as it is or another. */
export async function findingsOf(scenario: Control['scenario'], dist?: string): Promise<string[]> {
  const stage = await Stage.start({
    seed: [organization(LOGIN, 4), organization(OTHER, 2)],
    workers: 1,
    latencyMs: 20,
    ...(dist === undefined ? {} : { dist }),
  });
  try {
    const { violations } = await new Round(stage, 1).run({
      play: async (round) => scenario(await round.subject(LOGIN)),
    });
    return violations;
  } finally {
    await stage.stop();
  }
}

/** Whether the checker sees a broken build for what it is. */
export async function isFoundOut({ breaks, scenario, found }: Control): Promise<boolean> {
  const build = brokenBuild(breaks);
  try {
    return (await findingsOf(scenario, build.dist)).some((finding) => found.test(finding));
  } finally {
    build.remove();
  }
}
