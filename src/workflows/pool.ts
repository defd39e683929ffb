/**
 * Works through a queue, at most `concurrency` at once, in order of the queue. `take` is asked for the next piece of work
 * whenever a place is free, until it has none; the first error that `work` throws is thrown when all that was begun has ended.
 */
export async function pool<T>(
  concurrency: number,
  take: () => Promise<T | null> | T | null,
  work: (piece: T) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  const place = async (): Promise<void> => {
    while (failures.length === 0) {
      try {
        const piece = await take();
        if (piece === null) return;
        await work(piece);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, place));
  if (failures.length > 0) throw failures[0];
}
