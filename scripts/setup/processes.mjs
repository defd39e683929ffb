import { readFileSync } from 'node:fs';

/** State and start time of a process (proc(5), fields 3 and 22), or undefined where the system has no /proc. */
function stat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the name, may hold spaces; it ends at the last parenthesis.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], started: fields[19] };
  } catch {
    return undefined;
  }
}

/** When a process started, as far as the system tells: with it a process id that was given out anew is told apart. */
export function startTime(pid) {
  return stat(pid)?.started ?? '0';
}

function exists(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** True while the process that was `{ pid, started }` runs; a zombie does not. */
export function isAlive({ pid, started }) {
  return exists(pid) && startTime(pid) === started && stat(pid)?.state !== 'Z';
}

/** Sends a signal to a process group whose leader is `pid`; nothing happens where it is gone. */
export function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
