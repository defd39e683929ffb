import { GitHubError } from '../errors.js';
import type { FaultRule, Faults } from '../faults.js';
import type { Journal } from '../journal.js';
import type { LimitsOption } from '../limits.js';
import { seedDemo } from '../state/demo.js';
import type { DriftOptions } from '../state/drift.js';
import type { SeedOrganization } from '../state/seed.js';
import type { State } from '../state/state.js';
import { type Answer, json } from './call.js';
import type { Replica } from './replica.js';

/** What a process outside may steer under `/_sim/`. */
export interface Controlled {
  state: State;
  faults: Faults;
  journal: Journal;
  setLatency(ms: number): void;
  setLimits(option: LimitsOption): void;
  /** How many milliseconds the simulator's clock is ahead from now on; negative: behind. */
  setClock(ms: number): void;
  reset(seed: readonly SeedOrganization[]): void;
}

type Target = Controlled & { replica: Replica | null };
type Action = (target: Target, body: unknown, query: URLSearchParams) => unknown;

const ACTIONS: Readonly<Record<string, Action>> = {
  'GET journal': ({ journal }, _body, query) => {
    const since = Number(query.get('since') ?? 0);
    const entries = journal.since(since);
    return { entries, next: entries.at(-1)?.n ?? since, dropped: journal.dropped };
  },
  'GET journal/effects': ({ journal }, _body, query) => {
    const organization = query.get('organization');
    const since = journal.since(Number(query.get('since') ?? 0));
    return {
      count: since.filter((entry) => entry.type === 'effect' && entry.organization === organization).length,
    };
  },
  'GET journal/end': ({ journal }) => ({ next: journal.entries.at(-1)?.n ?? 0 }),
  'GET faults': ({ faults }) => faults.list(),
  'POST faults': ({ faults }, body) => {
    const rules = (Array.isArray(body) ? body : [body]) as FaultRule[];
    return { ids: rules.map((rule) => faults.add(rule)) };
  },
  'DELETE faults': ({ faults }, _body, query) => {
    const id = query.get('id');
    if (id === null) faults.clear();
    return { removed: id === null || faults.remove(id) };
  },
  'GET state': ({ state }, _body, query) => {
    const login = query.get('organization');
    return login === null ? state.dump() : state.dumpOrganization(login);
  },
  'POST drift': ({ state, replica }, body) => {
    const { organization, ...options } = body as DriftOptions & { organization: string };
    replica?.drift(organization, options);
    return { changed: state.drift(organization, options) };
  },
  'POST reset': (target, body) => {
    const { seed, demo } = body as { seed?: SeedOrganization[]; demo?: number };
    target.reset(seed ?? [seedDemo(demo ?? 0)]);
    return {};
  },
  'POST latency': (target, body) => {
    target.setLatency((body as { ms: number }).ms);
    return {};
  },
  'POST clock': (target, body) => {
    target.setClock((body as { ms: number }).ms);
    return {};
  },
  'POST limits': (target, body) => {
    target.setLimits((body as { limits: LimitsOption }).limits);
    return {};
  },
};

/** Answers a request under `/_sim/`; no token is asked for, the server listens on loopback only. */
export function control(
  target: Target,
  method: string,
  name: string,
  query: URLSearchParams,
  text: string,
): Answer {
  const action = ACTIONS[`${method} ${name}`];
  if (action === undefined)
    return json(404, {
      message: `No control ${method} ${name}; there are: ${Object.keys(ACTIONS).join(', ')}`,
    });
  try {
    return json(200, action(target, text === '' ? {} : JSON.parse(text), query));
  } catch (error) {
    if (error instanceof GitHubError) return json(error.status, error.body());
    return json(400, { message: error instanceof Error ? error.message : String(error) });
  }
}
