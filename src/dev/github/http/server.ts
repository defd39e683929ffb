import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '../clock.js';
import type { Strike } from '../faults.js';
import { fingerprint, type RequestEntry } from '../journal.js';
import type { Limits } from '../limits.js';
import { VIEWER } from '../state/seed.js';
import type { State } from '../state/state.js';
import { limitAnswer, statusAnswer, waitTold } from './answers.js';
import type { Answer, Call, Incoming } from './call.js';
import { type Controlled, control } from './control.js';
import { callOn, Replica } from './replica.js';
import { readBody, send, Timers } from './transport.js';

/** Longest that a request is left hanging, in milliseconds. */
const HANG_LIMIT = 120_000;

export interface ServerOptions extends Controlled {
  limits: Limits;
  now: () => number;
  latency: () => number;
  /** Whether a token is accepted, and what it may do. */
  access: (token: string) => 'none' | 'read' | 'write';
  recordBodies: boolean;
  /** A state of its own for reads that lag, and by how much; null: none does. */
  lag: { state: State; clock: Clock; ms: number } | null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** One request on its way through the server. */
interface Visit {
  incoming: Incoming;
  call: Call;
  entry: RequestEntry;
  response: ServerResponse;
  message: IncomingMessage;
  /** Carries the call out, here and later in the replica. */
  apply(first?: number): Answer;
}

function tokenOf(message: IncomingMessage): string {
  return /^(?:token|bearer)\s+(\S+)\s*$/i.exec(message.headers.authorization ?? '')?.[1] ?? '';
}

function incomingOf(message: IncomingMessage, body: string): Incoming {
  const origin = `http://${message.headers.host ?? 'localhost'}`;
  const url = new URL(message.url ?? '/', origin);
  const enterprise = url.pathname.startsWith('/api/v3');
  const path = enterprise
    ? url.pathname.slice('/api/v3'.length)
    : url.pathname.replace(/^\/api\/graphql$/, '/graphql');
  return {
    method: message.method ?? 'GET',
    path: path.length > 1 ? path.replace(/\/$/, '') : '/',
    query: url.searchParams,
    body,
    accept: message.headers.accept ?? '',
    ifNoneMatch: message.headers['if-none-match'],
    origin,
    base: enterprise ? `${origin}/api/v3` : origin,
    token: tokenOf(message),
    userAgent: message.headers['user-agent'] ?? '',
  };
}

export class SimulatorServer {
  readonly http: Server;
  readonly #timers = new Timers();
  readonly #replica: Replica | null;

  constructor(private readonly options: ServerOptions) {
    const { lag, limits } = options;
    this.#replica =
      lag && new Replica(lag.state, lag.clock, limits, (action) => this.#timers.later(lag.ms, action));
    this.http = createServer({ keepAliveTimeout: 60_000 }, (message, response) => {
      this.#serve(message, response).catch((error: unknown) => {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        process.stderr.write(`simulated GitHub: ${message.method} ${message.url}: ${text}\n`);
        send(response, statusAnswer(500), {});
      });
    });
  }

  /** Ends everything at once: open requests are reset, pending effects are dropped. */
  close(): Promise<void> {
    this.#timers.clear();
    return new Promise((resolve) => {
      this.http.close(() => resolve());
      this.http.closeAllConnections();
    });
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(message);
    if (body === null) return send(response, statusAnswer(413, { message: 'Payload too large' }), {});
    const incoming = incomingOf(message, body);
    if (incoming.path.startsWith('/_sim/')) {
      const name = incoming.path.slice('/_sim/'.length);
      const target = { ...this.options, replica: this.#replica };
      return send(response, control(target, incoming.method, name, incoming.query, body), {});
    }
    const { state, limits, faults } = this.options;
    const call = callOn(state, limits, faults, incoming);
    const entry = this.#enter(incoming, call);
    const actor = incoming.token.startsWith('ghs_') ? null : state.addUser(VIEWER);
    this.#replica?.knows();
    const writer = state.writer(entry.n, actor);
    const apply = (first?: number): Answer => {
      if (call.write) this.#replica?.follow(incoming, first);
      return call.run(writer, first);
    };
    const visit: Visit = { incoming, call, entry, response, message, apply };
    response.once('close', limits.enter(incoming.token));
    const half = this.options.latency() / 2;
    const refused = this.#refusal(visit);
    await this.#timers.wait(half);
    if (refused !== null) {
      await this.#timers.wait(half);
      return this.#send(visit, refused);
    }
    const strike = faults.onRequest({
      method: incoming.method,
      paths: call.paths,
      operations: call.operations,
      repo: call.repo,
      write: call.write,
      userAgent: incoming.userAgent,
      token: entry.token,
    });
    if (strike !== null) return this.#strike(visit, strike);
    const answer = visit.apply();
    await this.#timers.wait(half);
    this.#send(visit, answer);
  }

  #enter(incoming: Incoming, call: Call): RequestEntry {
    const { journal, limits, now, recordBodies } = this.options;
    const search = incoming.query.size > 0 ? `?${incoming.query.toString()}` : '';
    return journal.request({
      method: incoming.method,
      path: incoming.path + search,
      token: incoming.token === '' ? null : fingerprint(incoming.token),
      user_agent: incoming.userAgent,
      points: call.charge.points,
      in_closed_window: limits.inClosedWindow(incoming.token, call.charge.resource, now()),
      ...(call.fields === undefined ? {} : { operations: call.fields }),
      ...(recordBodies && incoming.body !== '' ? { body: parsed(incoming.body) } : {}),
    });
  }

  /** Why a request is not let in, or null: no or a bad token, a token without the right to write, a limit. */
  #refusal({ incoming, call }: Visit): Answer | null {
    const { limits, access, state } = this.options;
    // An app proves itself by a JWT of its own making, which is not looked into here.
    const byApp = incoming.path.startsWith('/app/') && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(incoming.token);
    const open = byApp || incoming.path === '/' || incoming.path === '/meta';
    if (!open) {
      if (incoming.token === '')
        return statusAnswer(401, {
          message: 'Requires authentication',
          documentation_url: 'https://docs.github.com/rest',
          status: '401',
        });
      const rights = state.issuedTokens.has(incoming.token) ? 'write' : access(incoming.token);
      if (rights === 'none') return statusAnswer(401);
      if (rights === 'read' && call.write) return statusAnswer(403);
    }
    const refusal = limits.admit(incoming.token, call.charge);
    return refusal === null ? null : limitAnswer(refusal, call.charge.resource, limits.numbers);
  }

  async #strike(visit: Visit, { rule, random }: Strike): Promise<void> {
    const { entry, message, incoming } = visit;
    const apply = (first?: number): Answer => visit.apply(first);
    const timers = this.#timers;
    const ms = Math.min(rule.ms ?? (rule.kind === 'hang' ? HANG_LIMIT : 0), HANG_LIMIT);
    const after = rule.when === 'after';
    entry.fault = rule.id;
    if (rule.kind === 'lag') return this.#send(visit, this.#replica?.answer(incoming) ?? apply());
    if (rule.kind === 'delay') {
      if (!after) await timers.wait(ms);
      const answer = apply();
      if (after) await timers.wait(ms);
      return this.#send(visit, answer);
    }
    if (rule.kind === 'apply-later') {
      const applyAt = rule.apply_ms ?? Math.round(ms * (1 + random()));
      timers.later(applyAt, () => void apply(rule.apply_first));
      await timers.wait(ms);
      return this.#send(visit, statusAnswer(rule.status ?? 502, rule.body, rule.headers));
    }
    const applied = after ? apply(rule.apply_first) : null;
    await timers.wait(ms);
    if (rule.kind === 'status')
      return this.#send(visit, statusAnswer(rule.status ?? 502, rule.body, rule.headers));
    if (rule.kind === 'malformed') {
      const text = applied?.text ?? '{"id": 1, "name": "half';
      return this.#send(visit, {
        status: 200,
        headers: {},
        text: text.slice(0, Math.max(1, text.length / 2)),
      });
    }
    message.socket.resetAndDestroy();
  }

  #send({ incoming, call, entry, response }: Visit, answer: Answer): void {
    const { limits, now } = this.options;
    const { resource, cost } = call.charge;
    if (answer.status === 304) limits.refund(incoming.token, resource, cost);
    const { limit, used, remaining, reset } = limits.view(incoming.token, resource);
    const headers: Record<string, string> = {
      date: new Date(now()).toUTCString(),
      'x-github-request-id': `51A0:${entry.n.toString(16).toUpperCase()}`,
      'x-github-media-type': 'github.v3; format=json',
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-used': String(used),
      'x-ratelimit-reset': String(reset),
      'x-ratelimit-resource': resource,
    };
    const sent = incoming.method === 'HEAD' ? { ...answer, text: null } : answer;
    const told = waitTold({ ...answer, headers: { ...headers, ...answer.headers } }, now());
    if (told !== null) limits.told(incoming.token, told.resource === 'own' ? resource : null, told.until);
    entry.status = answer.status;
    if (answer.fault !== undefined) entry.fault ??= answer.fault;
    send(response, sent, headers);
  }
}
