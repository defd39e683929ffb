/**
 * Works through a queue, at most `concurrency` at once, in order of the queue. `take` is asked for the next piece of work
 * whenever a place is free, until it has none; the first error that `work` throws is thrown when all that was begun has ended.
 * @param group so many places that have become free wait for each other, so that their pieces start together
 */
export async function pool<T>(
  concurrency: number,
  take: () => Promise<T | null> | T | null,
  work: (piece: T) => Promise<void>,
  group = 1,
): Promise<void> {
  const failures: unknown[] = [];
  const idle: (() => void)[] = [];
  let places = concurrency;
  const release = (): void => {
    if (idle.length >= Math.min(group, places)) for (const go of idle.splice(0)) go();
  };
  const together = (): Promise<void> =>
    new Promise((resolve) => {
      idle.push(resolve);
      release();
    });
  const place = async (): Promise<void> => {
    while (failures.length === 0) {
      try {
        const piece = await take();
        if (piece === null) break;
        await work(piece);
      } catch (error) {
        failures.push(error);
      }
      await together();
    }
    places -= 1;
    release();
  };
  await Promise.all(Array.from({ length: concurrency }, place));
  if (failures.length > 0) throw failures[0];
}

/**
 * Works through a queue in its order, repositories that follow each other side by side and all else one by one. Pieces leave the queue when
 * they begin.
 * @param on `ended` says that no more may begin; `group` is told when those that followed each other have all ended
 */
export async function poolByKind<T extends { kind: string }>(
  concurrency: number,
  queue: T[],
  work: (piece: T) => Promise<void>,
  on: { ended?: () => boolean; group?: () => Promise<void> } = {},
): Promise<void> {
  const ended = (): boolean => on.ended?.() === true;
  while (queue.length > 0 && !ended()) {
    const kind = queue[0]?.kind;
    await pool(
      kind === 'repository' ? concurrency : 1,
      () => (ended() || queue[0]?.kind !== kind ? null : (queue.shift() ?? null)),
      work,
    );
    await on.group?.();
  }
}
