/** Without a worker, milliseconds (DESIGN section 8). */
const NO_WORKER_AFTER = 10_000;

/** The polls of a queue's workers, epoch milliseconds; of the last minute or so. */
export type LastPolls = () => Promise<number[]>;

/**
 * Judges whether no worker is there. That a question stays unanswered is not enough: one that was put to a worker which has just
 * been killed hangs until it is given up, and on a busy machine another worker is slow. So whoever has polled lately counts;
 * and where somebody may be polling still, since an idle poll lasts a minute, a second question must stay unanswered too.
 */
export class Unanswered {
  private since: number | null = null;
  private questions = 0;
  private told = false;

  constructor(private readonly lastPolls: LastPolls) {}

  answered(): void {
    this.since = null;
    this.questions = 0;
  }

  /** Notes that a question of `askedAt` was not answered until `now`. True once, when it is time to say that no worker polls. */
  async unanswered(askedAt: number, now: number): Promise<boolean> {
    this.since ??= askedAt;
    this.questions += 1;
    if (this.told || now - this.since < NO_WORKER_AFTER) return false;
    // Where that cannot be told, nothing is said: the next look tells of a lost server.
    const polls = await this.lastPolls().catch(() => null);
    if (polls === null || polls.some((at) => now - at < NO_WORKER_AFTER)) return false;
    if (polls.length > 0 && this.questions < 2) return false;
    this.told = true;
    return true;
  }
}
