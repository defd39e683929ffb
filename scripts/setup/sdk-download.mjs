import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandFailed } from './errors.mjs';
import { root } from './paths.mjs';
import { run } from './run.mjs';

const HOST = { host: 'temporal.download', port: 443 };
const CONNECT_WITHIN_MS = 3_000;
const TIMEOUT_MS = 5 * 60_000;
const DOWNLOADER = fileURLToPath(new URL('sdk-downloader.mjs', import.meta.url));

function hostAnswers() {
  return new Promise((resolve) => {
    const socket = connect({ ...HOST, timeout: CONNECT_WITHIN_MS });
    const end = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}

/**
 * Lets Temporal's SDK download a server into `folder` as `name`; false where its host cannot be reached or refuses.
 * `kind` is `dev-server` or `time-skipping`.
 */
export async function downloadBySdk({ kind, version, folder, name, lock, note }) {
  if (!existsSync(join(root, 'node_modules', '@temporalio', 'testing')) || !(await hostAnswers()))
    return false;
  const downloads = join(folder, 'download');
  mkdirSync(downloads);
  try {
    await run(process.execPath, [DOWNLOADER, kind, version, downloads], {
      cwd: root,
      timeoutMs: TIMEOUT_MS,
      lock,
      onLine: note,
    });
    const file = readdirSync(downloads).find((entry) => entry.startsWith('temporal'));
    if (file === undefined) return false;
    chmodSync(join(downloads, file), 0o755);
    renameSync(join(downloads, file), join(folder, name));
    return true;
  } catch (error) {
    if (error instanceof CommandFailed) return false;
    throw error;
  } finally {
    rmSync(downloads, { recursive: true, force: true });
  }
}
