import type { MetricMeter } from '@temporalio/common';
import type { Transition } from './github/lane-breakers.js';
import { BREAKER_STATES } from './policies/circuit-breaker.js';
import { LANES } from './policies/lanes.js';
import { batchDurationName, STRATEGIES } from './policies/strategies.js';

export interface BreakerMetrics {
  /** A token's breakers are there, and closed. */
  began(token: string): void;
  moved(token: string, transition: Transition): void;
}

/** What a worker serves of its circuit breakers beside Temporal's own metrics, by lane and token (an organisation's login, or `default`). */
export function breakerMetrics(meter: MetricMeter): BreakerMetrics {
  const state = meter.createGauge(
    'github_circuit_breaker_state',
    'int',
    '',
    'State of the circuit breaker round GitHub: 0 closed, 1 half-open, 2 open, 3 isolated by a person',
  );
  const transitions = meter.createCounter(
    'github_circuit_breaker_transitions',
    '',
    'Changes of state of the circuit breaker round GitHub',
  );
  return {
    began(token) {
      for (const lane of LANES) state.set(BREAKER_STATES.indexOf('closed'), { lane, token });
    },
    moved(token, { lane, from, to }) {
      state.set(BREAKER_STATES.indexOf(to.state), { lane, token });
      transitions.add(1, { lane, token, from: from.state, to: to.state });
    },
  };
}

/** Bounds for what takes from a second to an hour, milliseconds; Temporal's own end at ten seconds. */
const LONG_MS = [1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000];

/** How a worker serves its metrics. */
export const prometheusAt = (bindAddress: string) => ({
  bindAddress,
  histogramBucketOverrides: Object.fromEntries(
    STRATEGIES.map((strategy) => [batchDurationName(strategy), LONG_MS]),
  ),
});
