import type { Config } from '../config.js';
import type { GateSnapshot } from '../github/gate-contract.js';
import type { BreakerOrder } from '../policies/breaker-orders.js';
import { BREAKER_STATES, type Breaker } from '../policies/circuit-breaker.js';
import { LANES, type Lane } from '../policies/lanes.js';
import type { CacheStatistics } from '../policies/read-cache.js';
import type { BreakerLedger, BreakerTransition } from '../store/breaker-ledger.js';
import type { Deps, GitHubProbe, LimitWindow } from './deps.js';
import { explain } from './errors.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Io } from './io.js';
import { configuredTokens, NO_TOKEN } from './token.js';

type ToldLimit = Omit<LimitWindow, 'reset'> & { reset: string };

/** What GitHub says of a token of this command's own environment: its limits, or why it does not say. */
export interface TokenLimits {
  /** The login of the organisation that has its own, or `default`. */
  token: string;
  core: ToldLimit | null;
  graphql: ToldLimit | null;
  error: string | null;
}

/** What the cache has come to for a token of this command's own environment. */
export interface TokenCache extends CacheStatistics {
  token: string;
}

/** A lane's breaker over all workers: the state of the worker that is worst off. */
export interface LaneStatus {
  lane: Lane;
  state: Breaker['state'];
  /** The newest order of a person, where there ever was one. */
  order: (Omit<BreakerOrder, 'id' | 'lane' | 'at'> & { at: string }) | null;
}

/** A worker that is there, with one of its tokens. */
export interface WorkerStatus extends Pick<GateSnapshot, 'queued' | 'inFlight' | 'pace'> {
  worker: string;
  token: string;
  at: string;
  breakers: Record<Lane, WorkerBreaker>;
  closed: { window: string; until: string }[];
}

/** By the worker's own clock: `since` when it is not closed, `until` when it asks again. */
interface WorkerBreaker {
  state: Breaker['state'];
  since: string | null;
  until: string | null;
}

/** Times are ISO 8601, in UTC. */
export interface GitHubStatus {
  host: string;
  limits: TokenLimits[];
  cache: TokenCache[];
  breakers: LaneStatus[];
  workers: WorkerStatus[];
  /** The newest first. */
  transitions: (Omit<BreakerTransition, 'host' | 'at'> & { at: string })[];
}

const TRANSITIONS_SHOWN = 10;

const iso = (at: number): string => new Date(at).toISOString();

const stateOf = (breaker: Breaker): WorkerBreaker => ({
  state: breaker.state,
  since: breaker.state === 'closed' ? null : iso(breaker.since),
  until: breaker.state === 'open' ? iso(breaker.until) : null,
});

/** What the workers of a store have said of a host, and what people have ordered. */
export async function workersView(
  store: BreakerLedger,
  host: string,
): Promise<Pick<GitHubStatus, 'breakers' | 'workers' | 'transitions'>> {
  const [gates, orders, transitions] = await Promise.all([
    store.gates(host),
    store.breakerOrders(host),
    store.transitions(host, TRANSITIONS_SHOWN),
  ]);
  const workers = gates.map(({ worker, token, at, body }) => {
    const { queued, inFlight, pace, breakers, closed } = body as unknown as GateSnapshot;
    const windows = Object.entries(closed).map(([window, until]) => ({ window, until: iso(until) }));
    const { read, write, content } = breakers;
    const lanes = { read: stateOf(read), write: stateOf(write), content: stateOf(content) };
    return { worker, token, at: iso(at), queued, inFlight, pace, breakers: lanes, closed: windows };
  });
  // A worker learns that it was reset when it has something to ask of GitHub next.
  const states = (lane: Lane) =>
    workers.map(({ breakers }) => breakers[lane].state).filter((state) => state !== 'isolated');
  return {
    breakers: LANES.map((lane) => {
      const order = orders.find((each) => each.lane === lane);
      const reported: Breaker['state'][] = order?.kind === 'isolate' ? ['isolated'] : states(lane);
      return {
        lane,
        state: BREAKER_STATES.findLast((state) => reported.includes(state)) ?? 'closed',
        order:
          order === undefined
            ? null
            : { kind: order.kind, actor: order.actor, reason: order.reason, at: iso(order.at) },
      };
    }),
    workers,
    transitions: transitions.map(({ at, lane, from, to, worker, token, reason }) => ({
      at: iso(at),
      lane,
      from,
      to,
      worker,
      token,
      reason,
    })),
  };
}

const told = (window: LimitWindow | null): ToldLimit | null =>
  window === null ? null : { ...window, reset: iso(window.reset * 1_000) };

/** Asks GitHub for the limits of every token that is configured here, which uses up none of them. */
export async function limitsOf(
  config: Config,
  deps: Pick<Deps, 'probeGitHub'>,
  env: Io['env'],
): Promise<{ limits: TokenLimits[]; exitCode: ExitCode }> {
  const { token, app } = config.github;
  const known = configuredTokens(config);
  const codes: ExitCode[] = [];
  const limitOf = async (organization: string | null): Promise<TokenLimits> => {
    const name = organization ?? 'default';
    const failed = (error: string, code: ExitCode): TokenLimits => {
      codes.push(code);
      return { token: name, core: null, graphql: null, error };
    };
    if (organization === null && token === undefined && app === undefined)
      return failed(`there is no token here: ${NO_TOKEN}`, EXIT.authentication);
    try {
      const { rest, graphql }: GitHubProbe = await deps.probeGitHub(config, env, organization);
      return { token: name, core: told(rest), graphql: told(graphql), error: null };
    } catch (error) {
      const { message, exitCode } = explain(error);
      return failed(message, exitCode);
    }
  };
  // Where there is none, that is what is told of the default one.
  const limits = await Promise.all((known.length === 0 ? [null] : known).map(limitOf));
  // That GitHub does not answer is what this command is there to tell.
  return { limits, exitCode: codes.includes(EXIT.authentication) ? EXIT.authentication : EXIT.done };
}

/** What `plan` and `init` have kept of GitHub's answers, by token; one that cannot be read is left out, its limits say why. */
export async function cachesOf(
  config: Config,
  deps: Pick<Deps, 'readCache'>,
  env: Io['env'],
): Promise<TokenCache[]> {
  const caches = configuredTokens(config).map(async (organization) => {
    try {
      return [{ token: organization ?? 'default', ...(await deps.readCache(config, env, organization)) }];
    } catch {
      return [];
    }
  });
  return (await Promise.all(caches)).flat();
}
