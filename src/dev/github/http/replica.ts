import type { Clock } from '../clock.js';
import { Faults } from '../faults.js';
import { graphqlCall } from '../graphql/call.js';
import type { Limits } from '../limits.js';
import { type DriftOptions, drift } from '../state/drift.js';
import { VIEWER } from '../state/seed.js';
import type { State } from '../state/state.js';
import type { Answer, Call, Incoming } from './call.js';
import { restCall } from './rest-call.js';

/** A request understood against a state, the live one or that of a replica. */
export function callOn(state: State, limits: Limits, faults: Faults, incoming: Incoming): Call {
  return incoming.path === '/graphql'
    ? graphqlCall({ state, limits, faults }, incoming)
    : restCall(state, limits, incoming);
}

/**
 * A second state that follows the first one after a fixed time: what a read that lags is answered from. It was seeded like
 * the first one and gets the same writes in the same order and at the same times, so that ids, dates and hashes are the same in both.
 */
export class Replica {
  readonly #faults = new Faults();

  constructor(
    readonly state: State,
    private readonly clock: Clock,
    private readonly limits: Limits,
    private readonly later: (action: () => void) => void,
  ) {}

  /** To be told of every request when it comes: who asks is known to both states at once. */
  knows(): void {
    this.state.addUser(VIEWER);
  }

  answer(incoming: Incoming): Answer {
    return this.#run(incoming);
  }

  /** To be told of every write at the instant at which the first state has it. */
  follow(incoming: Incoming, applyFirst?: number): void {
    const at = this.clock.now();
    this.later(() => void this.clock.at(at, () => this.#run(incoming, applyFirst)));
  }

  drift(organization: string, options: DriftOptions): void {
    const at = this.clock.now();
    this.later(() => void this.clock.at(at, () => drift(this.state, organization, options)));
  }

  #run(incoming: Incoming, applyFirst?: number): Answer {
    const actor = incoming.token.startsWith('ghs_') ? null : this.state.addUser(VIEWER);
    const call = callOn(this.state, this.limits, this.#faults, incoming);
    return call.run(this.state.writer(null, actor), applyFirst);
  }
}
