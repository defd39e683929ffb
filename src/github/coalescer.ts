import { type Coalescing, nextSize, QUIET_MS } from '../policies/coalescing.js';
import type { GraphQlAnswer } from './client.js';
import { dropped, GitHubError } from './errors.js';
import { callFailed } from './failure.js';
import type { Pass } from './gate-contract.js';
import type { Fault } from './http-answer.js';
import type { Fields } from './json.js';
import { askedOf, isCutShort, type Mutation, payloadOf } from './mutation.js';

/** How gathered mutations get to GitHub. */
export interface MutationSender {
  /** Leave to send one request. @throws GitHubError `unavailable` */
  acquire(): Promise<Pass>;
  /**
   * Sends them as one request, and settles the pass.
   * @returns what is wrong with the answer as a whole, or its parts
   * @throws GitHubError where nothing was sent
   */
  send(pass: Pass, mutations: readonly Mutation[]): Promise<Fault | GraphQlAnswer>;
}

/** What a caller is told: of its own mutation, and which requests went out on its account. */
export interface Gathered {
  /** The payload, or its error. */
  came: Fields | GitHubError;
  /** Requests that count as this caller's: of those that carried several, the first's. */
  requests: number;
  /** Whether an answer came, and GitHub's id of it. */
  answered: boolean;
  requestId: string | null;
}

interface Caller {
  mutation: Mutation;
  signal: AbortSignal | undefined;
  requests: number;
  tell(gathered: Omit<Gathered, 'requests'>): void;
  fail(error: unknown): void;
}

/**
 * Gathers the mutations that are asked for at about the same time into one request. It is sent when it is full, when for a
 * moment no other mutation has come, or when the first has waited long enough; what comes while it waits for its turn at the
 * gate still joins. Each caller gets what became of its own: an answer that is lost is unknown for all of a request, one that
 * refuses it as a whole is asked for again for each alone.
 */
export class Coalescer {
  readonly #sender: MutationSender;
  readonly #settings: Coalescing;
  #queue: Caller[] = [];
  #size: number;
  /** Turns at the gate that are waited for. */
  #turns = 0;
  #since: number | null = null;
  #quiet: NodeJS.Timeout | undefined;
  #letIn: NodeJS.Immediate | undefined;

  constructor(sender: MutationSender, settings: Coalescing) {
    this.#sender = sender;
    this.#settings = settings;
    this.#size = settings.coalesce_max;
  }

  /** `signal` drops a mutation that is not sent yet, as `unavailable`. What GitHub refuses is told, not thrown. */
  mutate(mutation: Mutation, signal?: AbortSignal): Promise<Gathered> {
    return new Promise((resolve, reject) => {
      const caller: Caller = {
        mutation,
        signal,
        requests: 0,
        tell: (gathered) => resolve({ ...gathered, requests: caller.requests }),
        fail: reject,
      };
      const drop = (): void => {
        const at = this.#queue.indexOf(caller);
        if (at >= 0) this.#queue.splice(at, 1).forEach(tellDropped);
      };
      this.#queue.push(caller);
      if (signal?.aborted === true) return drop();
      signal?.addEventListener('abort', drop, { once: true });
      this.#await();
    });
  }

  /** Waits for others to join those for whom no turn is asked for yet, or asks for one. */
  #await(): void {
    const left = this.#queue.length - this.#turns * this.#size;
    if (left <= 0) return;
    const now = Date.now();
    this.#since ??= now;
    clearTimeout(this.#quiet);
    clearImmediate(this.#letIn);
    const waitMs = Math.min(QUIET_MS, this.#since + this.#settings.coalesce_max_wait - now);
    if (left >= this.#size || waitMs <= 0) this.#turn();
    else this.#quiet = setTimeout(() => this.#lookAround(), waitMs);
  }

  /** In a busy process a moment goes by before what came in it is let in: that joins, too. */
  #lookAround(): void {
    this.#letIn = setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#since = null;
    this.#turns += 1;
    void this.#send(() => {
      this.#turns -= 1;
      const callers = this.#queue.splice(0, this.#size);
      this.#await();
      return callers;
    });
  }

  /** One request, for those whom `take` gives when its turn has come. */
  async #send(take: () => Caller[]): Promise<void> {
    let callers: Caller[] = [];
    try {
      const pass = await this.#sender.acquire().finally(() => {
        callers = take().filter(isWanted);
      });
      const [first] = callers;
      if (first === undefined) return pass.settle({ health: 'dropped' });
      const came = await this.#sender.send(
        pass,
        callers.map(({ mutation }) => mutation),
      );
      first.requests += 1;
      await this.#came(callers, came);
    } catch (error) {
      for (const caller of callers)
        if (error instanceof GitHubError) caller.tell(unsent(error));
        else caller.fail(error);
    }
  }

  async #came(callers: Caller[], came: Fault | GraphQlAnswer): Promise<void> {
    const { requestId } = came;
    const lost = 'failure' in came ? came.failure.kind === 'unknown' : isCutShort(came);
    this.#size = nextSize(this.#size, !lost, this.#settings.coalesce_max);
    if (!('failure' in came)) {
      for (const [index, caller] of callers.entries())
        caller.tell({ came: payloadOf(came, caller.mutation, index), answered: true, requestId });
      return;
    }
    const { failure, message, answered } = came;
    if (failure.kind === 'refused' && callers.length > 1) {
      await Promise.all(callers.map((caller) => this.#send(() => [caller])));
      return;
    }
    for (const caller of callers) {
      const error = callFailed(askedOf(caller.mutation), failure, message, requestId);
      caller.tell({ came: error, answered, requestId });
    }
  }
}

const unsent = (error: GitHubError): Omit<Gathered, 'requests'> => ({
  came: error,
  answered: false,
  requestId: null,
});

/** Tells a caller whose activity has ended meanwhile that nothing was sent for it. */
function isWanted(caller: Caller): boolean {
  if (caller.signal?.aborted !== true) return true;
  tellDropped(caller);
  return false;
}

function tellDropped(caller: Caller): void {
  caller.tell(unsent(dropped(Date.now())));
}
