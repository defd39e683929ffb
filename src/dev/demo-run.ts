import { once } from 'node:events';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT } from '../cli/exit-codes.js';
import { type Interrupt, interruptible } from '../cli/interrupt.js';
import { processIo } from '../cli/io.js';
import { loadConfig } from '../config.js';
import { claimDirectory } from './data-directory.js';
import { type DemoCommands, demoCommands } from './demo-commands.js';
import { breakRepositories } from './demo-fault.js';
import { type Stack, startStack } from './stack.js';

const REPOSITORIES = 60;
/** A demo that is to end by itself takes well under a minute; one that hangs is ended after this. */
const AT_MOST_MS = 5 * 60_000;
const STANDARDS = fileURLToPath(new URL('../../examples/acme.yaml', import.meta.url));

/** Waits at seconds' scale, and GitHub's limits set aside: a demo has no minutes, and its GitHub is simulated. */
const CONFIG = `retry:
  aggressive: { max_retries: 2, base: 200ms, factor: 2, max: 1s }
  conservative: { max_retries: 1, base: 200ms, factor: 2, max: 1s }
activity: { settle: 1s }
lanes: { rest_points_per_minute: 100000, graphql_points_per_minute: 100000, content_per_minute: 10000, content_per_hour: 100000 }
`;

const say = (...lines: string[]): void => {
  for (const line of lines) process.stdout.write(`${line}\n`);
};
const heading = (text: string): void => say('', `== ${text}`);

function expect(code: number, wanted: number, what: string): void {
  if (code !== wanted) throw new Error(`${what} ended with exit code ${code} instead of ${wanted}`);
}

/** A directory of its own for each demo, so that it always begins anew. */
function prepare(home: string): { directory: string; standards: string; release: () => void } {
  const { path, release } = claimDirectory(join(home, 'demo'));
  for (const name of ['stack', 'data']) rmSync(join(path, name), { recursive: true, force: true });
  mkdirSync(join(path, 'data'), { recursive: true });
  const standards = join(path, 'acme.yaml');
  copyFileSync(STANDARDS, standards);
  writeFileSync(join(path, 'orgsaga.config.yaml'), CONFIG);
  return { directory: path, standards, release };
}

async function apply(commands: DemoCommands, stack: Stack, standards: string): Promise<string> {
  heading(`Applying ${standards} to acme, ${REPOSITORIES} repositories`);
  const run = await commands.startRun(standards);
  say(`Run ${run}`, `Web UI: ${stack.ui}/namespaces/default/workflows/${encodeURIComponent(run)}`, '');
  expect(await commands.run('watch', run), EXIT.needsPerson, 'The run');
  heading('Three repositories could not be changed and are as they were; the others did not wait for them');
  expect(await commands.run('dead-letters', 'list', '--run', run), EXIT.done, 'The list of dead letters');
  return run;
}

async function mend(commands: DemoCommands, mendFault: () => void, run: string): Promise<void> {
  heading('Mending the fault and retrying the dead letters');
  mendFault();
  expect(await commands.run('dead-letters', 'retry', '--run', run, '--all'), EXIT.done, 'The retry');
  expect(await commands.run('watch', run), EXIT.done, 'The run');
}

function sayNext(stack: Stack, standards: string, run: string): void {
  heading('Go on in another terminal');
  say(
    ...Object.entries(stack.variables).map(([name, value]) => `  export ${name}=${value}`),
    `  npx orgsaga status ${run}`,
    `  npx orgsaga dead-letters list`,
    `  curl -X DELETE ${stack.github}/_sim/faults        # mends the fault`,
    `  npx orgsaga dead-letters retry --run ${run} --all`,
    `  npx orgsaga plan -f ${standards}`,
    '',
    'Ctrl-C ends everything.',
  );
}

async function play(exit: boolean, interrupt: Interrupt, home: string): Promise<void> {
  const { directory, standards, release } = prepare(home);
  // Of this demo only: its store, and its configuration.
  const own = {
    ORGSAGA_HOME: join(directory, 'data'),
    ORGSAGA_CONFIG: join(directory, 'orgsaga.config.yaml'),
  };
  const { DATABASE_URL: _database, GITHUB_API_URL: _github, ...inherited } = process.env;
  heading('Starting Temporal, a simulated GitHub and a worker');
  const stack = await startStack({
    home: directory,
    port: 7233,
    uiPort: 8233,
    githubPort: 9233,
    repos: REPOSITORIES,
    worker: true,
    workerLog: { file: join(directory, 'worker.log') },
    env: { ...inherited, ...own },
    signal: interrupt.signal,
  });
  try {
    say(`Temporal ${stack.temporal}, Web UI ${stack.ui}, GitHub ${stack.github}, data in ${directory}`);
    const commands = demoCommands({ ...inherited, ...stack.variables });
    const mendFault = breakRepositories(stack);
    const run = await apply(commands, stack, standards);
    if (exit) await mend(commands, mendFault, run);
    else {
      sayNext(stack, standards, run);
      if (!interrupt.signal.aborted) await once(interrupt.signal, 'abort');
    }
  } finally {
    await stack.stop();
    release();
  }
}

/** Plays the demo. Resolves with the exit code: 0 when all went as it should, 130 when interrupted before, else 1. */
export async function runDemo({ exit }: { exit: boolean }): Promise<number> {
  const interrupt = interruptible(processIo, () =>
    say('', 'Ending everything that was started. Again ends at once.'),
  );
  const late = setTimeout(() => {
    process.stderr.write(`The demo did not end within ${AT_MOST_MS / 60_000} minutes.\n`);
    process.kill(process.pid, 'SIGTERM');
  }, AT_MOST_MS);
  if (!exit) clearTimeout(late);
  const { home } = loadConfig();
  try {
    await play(exit, interrupt, home);
    if (exit) heading('Done: every repository is as the file says');
    return EXIT.done;
  } catch (error) {
    if (interrupt.signal.aborted) return EXIT.interrupted;
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`error: the demo failed: ${message}\nIts logs are in ${join(home, 'demo')}.\n`);
    return EXIT.error;
  } finally {
    clearTimeout(late);
    interrupt.dispose();
  }
}
