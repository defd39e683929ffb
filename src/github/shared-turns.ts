import type { BreakerOrder } from '../policies/breaker-orders.js';
import type { Lanes } from '../policies/lanes.js';
import type { NewTurnNote, TurnLedger, TurnNote } from '../policies/turn-notes.js';
import type { GateRequest } from './gate-contract.js';
import { Pace } from './pace.js';
import { type Answers, type Closed, fitting, type Turns } from './turns.js';

export interface SharedTurnsOptions {
  ledger: TurnLedger;
  /** Where the API is. */
  host: string;
  /** What tells the token from others, for all of its workers the same; never the token. */
  token: () => Promise<string>;
  /** What tells this worker from the others of the token. */
  worker: string;
  lanes: Lanes;
}

/** A worker that has asked for nothing for so long leaves its share of what may be under way to the others, milliseconds. */
const ACTIVE_MS = 30_000;
/** Where one write at a time is polite: how soon to ask again while another worker writes, and when it is taken for lost. */
const POLL_MS = 250;
const LOST_MS = 60_000;
const FORGET_EVERY_MS = 600_000;

/**
 * Turns that all workers of a token share by the store: every request is counted there before it is sent, and what GitHub has told one of
 * its limits keeps the others back too. Where the store does not answer, nothing goes.
 */
export function sharedTurns(options: SharedTurnsOptions): Turns {
  return new LedgerTurns(options);
}

class LedgerTurns implements Turns {
  #token = '';
  #pace: Pace;
  /** The newest note that is known, and its time. */
  #last = 0;
  #lastAt = 0;
  /** The store's clock less this machine's. */
  #ahead = 0;
  #closed: Closed[] = [];
  #orders: readonly BreakerOrder[] = [];
  /** By worker, when it last asked. */
  readonly #seen = new Map<string, number>();
  /** By worker, since when it writes. */
  readonly #writing = new Map<string, number>();
  #unsaid: NewTurnNote[] = [];
  #tail: Promise<unknown> = Promise.resolve();
  #forgotAt = 0;

  constructor(private readonly options: SharedTurnsOptions) {
    this.#pace = new Pace(options.lanes);
  }

  async take(requests: readonly GateRequest[]): Promise<Answers> {
    let answers: Answers = [];
    await this.#note((at) => {
      answers = this.#answers(requests, at);
      return began(requests, answers);
    });
    return answers.map((until) => until && until - this.#ahead);
  }

  ended({ lane, resource }: GateRequest): void {
    if (this.options.lanes.profile !== 'polite' || lane === 'read') return;
    this.#say({ kind: 'ended', lane, resource, requests: 1, until: 0 });
  }

  close({ window, until }: Closed): void {
    this.#say({
      kind: 'closed',
      lane: 'read',
      resource: window,
      requests: 0,
      until: Math.ceil(until + this.#ahead),
    });
  }

  closedByOthers(): readonly Closed[] {
    return this.#closed.map(({ window, until }) => ({ window, until: until - this.#ahead }));
  }

  orders(): readonly BreakerOrder[] {
    return this.#orders;
  }

  askForOrders(): Promise<void> {
    return this.#note(() => []);
  }

  concurrent(now: number): number {
    const since = now + this.#ahead - ACTIVE_MS;
    const others = [...this.#seen].filter(([worker, at]) => worker !== this.options.worker && at > since);
    return Math.max(1, Math.floor(this.options.lanes.concurrent / (others.length + 1)));
  }

  pace(now: number): ReturnType<Pace['snapshot']> {
    return this.#pace.snapshot(now + this.#ahead);
  }

  #answers(requests: readonly GateRequest[], at: number): Answers {
    const waits = [...this.#writing.values()].some((since) => since > at - LOST_MS);
    return fitting(this.#pace, requests, at).map((until, index) => {
      const lane = requests[index]?.lane ?? 'read';
      const held = (waits && lane !== 'read') || this.#isIsolated(lane);
      return held ? Math.max(until ?? 0, at + POLL_MS) : until;
    });
  }

  #isIsolated(lane: GateRequest['lane']): boolean {
    return this.#orders.some((order) => order.lane === lane && order.kind === 'isolate');
  }

  #say(note: NewTurnNote): void {
    this.#unsaid.push(note);
    // Where it fails it is said with the next turn that is taken.
    this.#note(() => []).catch(() => {});
  }

  /** One after the other: a note that is known is one that is there to stay. */
  #note(decide: (at: number) => readonly NewTurnNote[]): Promise<void> {
    const noted = this.#tail.then(() => this.#noteNow(decide));
    this.#tail = noted.catch(() => {});
    return noted;
  }

  async #noteNow(decide: (at: number) => readonly NewTurnNote[]): Promise<void> {
    const { ledger, host, worker } = this.options;
    const token = await this.options.token();
    if (token !== this.#token) this.#begin(token);
    const unsaid = [...this.#unsaid];
    await ledger.noteTurns({ host, token, worker, after: this.#last }, ({ notes, orders, now }) => {
      this.#ahead = now - Date.now();
      this.#orders = orders;
      this.#learn(notes, now);
      return [...unsaid, ...decide(now)];
    });
    this.#unsaid.splice(0, unsaid.length);
    if (Date.now() - this.#forgotAt < FORGET_EVERY_MS) return;
    this.#forgotAt = Date.now();
    // Another time will do: what was noted above is kept.
    await ledger.forgetTurns().catch(() => {});
  }

  /** Of another token nothing is known yet. */
  #begin(token: string): void {
    this.#token = token;
    this.#pace = new Pace(this.options.lanes);
    this.#last = 0;
    this.#closed = [];
    this.#seen.clear();
    this.#writing.clear();
  }

  #learn(notes: readonly TurnNote[], at: number): void {
    for (const note of notes) {
      // Given twice where a transaction had to be repeated.
      if (note.id <= this.#last) continue;
      this.#last = note.id;
      this.#lastAt = Math.max(this.#lastAt, note.at);
      this.#seen.set(note.worker, note.at);
      this.#heed(note);
    }
    this.#closed = this.#closed.filter(({ until }) => until > at);
  }

  #heed({ kind, worker, lane, resource, requests, until }: TurnNote): void {
    if (kind === 'closed') this.#closed.push({ window: resource, until });
    if (kind === 'ended') this.#writing.delete(worker);
    if (kind !== 'began' || resource === 'secondary') return;
    this.#pace.take(lane, resource, this.#lastAt, requests);
    const { lanes, worker: own } = this.options;
    if (lanes.profile === 'polite' && lane !== 'read' && worker !== own)
      this.#writing.set(worker, this.#lastAt);
  }
}

/** One note for requests of the same lane and resource. */
function began(requests: readonly GateRequest[], answers: Answers): NewTurnNote[] {
  const notes = new Map<string, NewTurnNote>();
  for (const [index, { lane, resource }] of requests.entries()) {
    if (answers[index] !== null) continue;
    const key = `${lane} ${resource}`;
    const note = notes.get(key) ?? { kind: 'began', lane, resource, requests: 0, until: 0 };
    notes.set(key, { ...note, requests: note.requests + 1 });
  }
  return [...notes.values()];
}
