const terminal = process.stderr.isTTY;
const WIDTH = 100;

/** Writes one line for the person at the terminal. On stderr: stdout belongs to the job that follows the set-up. */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Milliseconds as a person says them: "43 s", "2 min 5 s". */
export function duration(ms) {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/**
 * Announces a step. On a terminal a line below it shows the time so far and `note`'s last text; elsewhere only the
 * announcement and the end are written.
 */
export function startStep(title) {
  const started = Date.now();
  let latest = '';
  say(title);
  const draw = () => {
    const line = `  ${duration(Date.now() - started)}  ${latest}`.slice(0, WIDTH);
    process.stderr.write(`\r\u001b[2K${line}`);
  };
  const timer = terminal ? setInterval(draw, 500) : undefined;
  return {
    note(line) {
      latest = line.trim();
    },
    end(outcome) {
      if (timer !== undefined) {
        clearInterval(timer);
        process.stderr.write('\r\u001b[2K');
      }
      say(`  ${outcome} after ${duration(Date.now() - started)}`);
    },
  };
}
