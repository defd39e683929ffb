import { join } from 'node:path';
import { build } from './build.mjs';
import { dependencies } from './dependencies.mjs';
import { devServer, findDevServer } from './dev-server.mjs';
import { explain, SetupError } from './errors.mjs';
import { findFullServer, fullServer } from './full-server.mjs';
import { interruption, listenForSignals } from './interruption.mjs';
import { withLock } from './lock.mjs';
import { root, toolsDirectory } from './paths.mjs';
import { say, startStep } from './say.mjs';
import { findTimeSkippingServer, timeSkippingServer } from './time-skipping-server.mjs';

const checkoutLock = join(root, '.orgsaga', 'setup.lock');
const cacheLock = join(toolsDirectory(), 'setup.lock');

/** What can be provisioned, in this order, and the lock under which it is made. */
const PARTS = {
  dependencies: { part: dependencies, lockPath: checkoutLock },
  build: { part: build, lockPath: checkoutLock },
  devServer: { part: devServer, lockPath: cacheLock },
  timeSkippingServer: { part: timeSkippingServer, lockPath: cacheLock },
  fullServer: { part: fullServer, lockPath: cacheLock },
};

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    throw new SetupError(
      `Node 20.19 or newer is needed; this is ${process.versions.node}.`,
      'Install it from https://nodejs.org, then run the same command again.',
    );
}

/** Makes one part unless it is there: looked at before the lock is taken, and again under it. */
async function ensure({ part, lockPath }) {
  try {
    if (part.isCurrent()) return;
    await withLock(lockPath, async (lock) => {
      if (part.isCurrent()) return;
      const shown = startStep(part.title);
      try {
        await part.make({ lock, note: (line) => shown.note(line) });
        shown.end('done');
      } catch (error) {
        shown.end(interruption.aborted ? 'interrupted' : 'failed');
        throw error;
      }
    });
  } catch (error) {
    throw explain(error, part.step, part.folder);
  }
}

/**
 * Provisions the named parts, in PARTS' order, and gives the environment that hands the servers over.
 * Where it fails it says why and what to do on stderr, sets the exit code (1, or 130 on Ctrl-C) and gives undefined.
 */
export async function provision(names) {
  const stopListening = listenForSignals();
  try {
    requireNode();
    for (const [name, entry] of Object.entries(PARTS)) if (names.includes(name)) await ensure(entry);
    interruption.throwIfAborted();
    const env = {};
    if (names.includes('devServer')) env.TEMPORAL_CLI_PATH = findDevServer();
    if (names.includes('timeSkippingServer')) env.TEMPORAL_TEST_SERVER_PATH = findTimeSkippingServer();
    if (names.includes('fullServer')) env.TEMPORAL_SERVER_PATH = findFullServer();
    return env;
  } catch (error) {
    say(error.message);
    process.exitCode = error.exitCode ?? 1;
    return undefined;
  } finally {
    stopListening();
  }
}
