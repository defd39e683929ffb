import { SingleBar } from 'cli-progress';
import type { Io } from './io.js';

/** Shows on a terminal how many repositories of an organisation have been read; elsewhere nothing. */
export function readingProgress(
  io: Io,
  organization: string,
): { update(read: number, total: number): void; end(): void } {
  if (io.stderr.isTTY !== true) return { update: () => undefined, end: () => undefined };
  const bar = new SingleBar({
    stream: io.stderr,
    format: `reading ${organization} [{bar}] {value}/{total} repositories`,
    clearOnComplete: true,
    gracefulExit: false,
  });
  let started = false;
  return {
    update(read, total) {
      if (!started) bar.start(total, read);
      started = true;
      bar.setTotal(total);
      bar.update(read);
    },
    end() {
      if (started) bar.stop();
      started = false;
    },
  };
}
