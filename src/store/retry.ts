import { setTimeout as pause } from 'node:timers/promises';

/** How long the store tries again when another transaction is in the way, in ms. */
export const RETRY_FOR = 10_000;

/** Longest pause between two tries, in ms. */
const LONGEST_PAUSE = 200;

/** Does `act` again while `mayPass` says so of its error, for at most {@link RETRY_FOR}; then its last error is thrown. */
export async function retrying<T>(act: () => Promise<T>, mayPass: (error: unknown) => boolean): Promise<T> {
  const end = performance.now() + RETRY_FOR;
  for (let longest = 5; ; longest = Math.min(longest * 2, LONGEST_PAUSE)) {
    try {
      return await act();
    } catch (error) {
      if (!mayPass(error) || performance.now() > end) throw error;
      await pause(1 + Math.random() * longest);
    }
  }
}
