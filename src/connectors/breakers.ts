import { admission, type Breaker, type BreakerSettings, CLOSED, next } from '../policies/circuit-breaker.js';
import { ConnectorError } from './errors.js';

/** In general: opens after 5 failures in a row, for 60 s, closes after 2 probes (DESIGN section 10). */
export const CONNECTOR_BREAKER: BreakerSettings = {
  failure_threshold: 5,
  timeout: 60_000,
  success_threshold: 2,
};

/** How soon to ask again while a probe is under way, milliseconds. */
const BUSY_MS = 1_000;

/** A circuit breaker for each host that connectors of this process talk to. */
export class Breakers {
  private readonly states = new Map<string, Breaker>();

  constructor(
    private readonly settings: BreakerSettings,
    private readonly now: () => number,
  ) {}

  /**
   * Sends where the breaker lets it. `healthy` says of an answer whether the other side works; a rejection counts as that it
   * does not. @throws ConnectorError `limited` where the breaker is open, and whatever `send` throws
   */
  async through<T>(host: string, send: () => Promise<T>, healthy: (answer: T) => boolean): Promise<T> {
    const admitted = admission(this.stateOf(host), this.now(), this.settings);
    if (!admitted.admitted) {
      const until = admitted.until ?? this.now() + BUSY_MS;
      throw new ConnectorError(`the circuit breaker of ${host} is open`, { kind: 'limited', until });
    }
    const { probe } = admitted;
    this.move(host, { type: 'admitted' });
    try {
      const answer = await send();
      this.move(host, { type: healthy(answer) ? 'success' : 'failure', probe });
      return answer;
    } catch (error) {
      this.move(host, { type: 'failure', probe });
      throw error;
    }
  }

  private stateOf(host: string): Breaker {
    return this.states.get(host) ?? CLOSED;
  }

  private move(host: string, event: Parameters<typeof next>[1]): void {
    this.states.set(host, next(this.stateOf(host), event, this.now(), this.settings));
  }
}
