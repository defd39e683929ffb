import { ALONE } from '../policies/coalescing.js';
import { type Lane, type Resource } from '../policies/lanes.js';
import type { JsonObject } from '../standards/model.js';
import { CachedTransport } from './cached-transport.js';
import { callContext, withoutCallContext } from './call-context.js';
import type { GitHubClient, GraphQlAnswer, RestAnswer } from './client.js';
import { type GitHubClientOptions, type HostKnowledge, unknownHost } from './client-options.js';
import { Coalescer } from './coalescer.js';
import { GitHubError } from './errors.js';
import { callFailed, gateReport } from './failure.js';
import type { GateRequest, Pass } from './gate-contract.js';
import {
  type Came,
  type Fault,
  faultOf,
  graphqlAnswer,
  type Judge,
  judgeGraphQl,
  limitInParts,
  requestIdOf,
  restAnswer,
  tookEffect,
} from './http-answer.js';
import type { Fields } from './json.js';
import { laneOf } from './lane.js';
import { type Mutation, mutationsQuery } from './mutation.js';
import { countNowhere, noteMutation, noteRequest } from './request-count.js';
import { createTransport, type HttpRequest, type Transmission, type Transport } from './transport.js';

/** How a host without GraphQL answers for its address: not found, method not allowed, gone, not implemented. */
const NO_GRAPHQL = [404, 405, 410, 501];

/** A quarter of start-to-close's default of 30 s. */
const MAX_WAIT_MS = 7_500;
/** Far above any list that this tool asks for; a server that links in circles ends here. */
const MOST_PAGES = 1_000;

interface Call extends HttpRequest {
  lane: Lane;
  resource: Resource;
  /** What was asked, for messages. */
  asked: string;
}

/** A client for one token. It sends each request once: repeats are the caller's to decide. */
export function createGitHubClient(options: GitHubClientOptions): GitHubClient {
  return new OctokitClient(options);
}

/** Where GraphQL is served beside a REST root. */
export function graphqlUrl(baseUrl: string): string {
  const root = baseUrl.replace(/\/+$/, '');
  return root.endsWith('/api/v3') ? `${root.slice(0, -'/v3'.length)}/graphql` : `${root}/graphql`;
}

class OctokitClient implements GitHubClient {
  readonly #host: HostKnowledge;
  readonly #options: GitHubClientOptions;
  readonly #transport: Transport;
  readonly #cached: CachedTransport | undefined;
  readonly #root: URL;
  readonly #coalescer: Coalescer;

  constructor(options: GitHubClientOptions) {
    const baseUrl = options.baseUrl.replace(/\/+$/, '');
    this.#options = options;
    const transport = createTransport({ ...options, baseUrl });
    this.#cached = options.cache && new CachedTransport(transport, options.cache);
    this.#transport = this.#cached ?? transport;
    this.#root = new URL(baseUrl);
    this.#host = options.host ?? unknownHost();
    this.#coalescer = new Coalescer(
      {
        acquire: () => apart(() => this.#acquire({ lane: 'write', resource: 'graphql' })),
        send: (pass, mutations) => apart(() => this.#sendTogether(pass, mutations)),
      },
      options.coalescing ?? ALONE,
    );
  }

  get hasGraphql(): boolean {
    return this.#options.graphql && this.#host.graphql;
  }

  async rest(
    route: string,
    parameters: JsonObject = {},
    { follow = false }: { follow?: boolean } = {},
  ): Promise<RestAnswer> {
    return restAnswer(await this.#rest(route, parameters, follow));
  }

  async list(route: string, parameters: JsonObject = {}): Promise<unknown[]> {
    const items: unknown[] = [];
    let answer = await this.#rest(route, { per_page: 100, ...parameters }, true);
    for (let pages = 1; ; pages += 1) {
      if (!Array.isArray(answer.data))
        throw callFailed(route, { kind: 'unknown', status: answer.status }, 'the answer is not a list', null);
      items.push(...(answer.data as unknown[]));
      const next = /<([^<>]+)>;\s*rel="next"/.exec(answer.headers['link'] ?? '')?.[1];
      if (next === undefined || pages >= MOST_PAGES) return items;
      answer = await this.#rest(`GET ${this.#own(next, route)}`, {}, true);
    }
  }

  async graphql(
    query: string,
    variables: JsonObject = {},
    { mutation = false }: { mutation?: boolean } = {},
  ): Promise<GraphQlAnswer> {
    return graphqlAnswer(await this.#send(this.#graphqlCall(query, variables, mutation), judgeGraphQl));
  }

  async mutate(mutation: Mutation): Promise<Fields | undefined> {
    if (!this.#canMutate(mutation)) return undefined;
    const { signal = this.#options.signal } = callContext();
    const { came, requests, answered, requestId } = await this.#coalescer.mutate(mutation, signal);
    for (let count = 0; count < requests; count += 1) noteRequest('graphql', true);
    if (answered) noteMutation(requestId, !(came instanceof GitHubError));
    if (!(came instanceof GitHubError)) return came;
    if (came.failure.kind === 'refused' && !this.#canMutate(mutation)) return undefined;
    throw came;
  }

  #canMutate({ name }: Mutation): boolean {
    return this.hasGraphql && !this.#host.lacks.has(name);
  }

  async #sendTogether(pass: Pass, mutations: readonly Mutation[]): Promise<Fault | GraphQlAnswer> {
    const { query, variables } = mutationsQuery(mutations);
    const answer = await this.#transmit(pass, this.#graphqlCall(query, variables, true), judgeGraphQl);
    if (!('failure' in answer)) return graphqlAnswer(answer);
    const [only, ...others] = mutations;
    if (only !== undefined && others.length === 0 && answer.invalid === true) this.#host.lacks.add(only.name);
    return answer;
  }

  #graphqlCall(query: string, variables: JsonObject, mutation: boolean): Call {
    return {
      method: 'POST',
      url: graphqlUrl(this.#options.baseUrl),
      parameters: { data: { query, variables } },
      lane: mutation ? 'write' : 'read',
      resource: 'graphql',
      asked: mutation ? 'GraphQL mutation' : 'GraphQL query',
    };
  }

  async #rest(route: string, parameters: JsonObject, follow = false): Promise<Came> {
    const space = route.indexOf(' ');
    const request = { method: route.slice(0, space), url: route.slice(space + 1), parameters };
    const path = decodeURI(this.#transport.addressOf(request).pathname);
    const inside = path.startsWith(this.#root.pathname)
      ? path.slice(this.#root.pathname.replace(/\/$/, '').length)
      : path;
    const call: Call = {
      ...request,
      lane: laneOf(request.method, inside),
      resource: 'core',
      asked: `${request.method} ${inside}`,
    };
    const answer = await this.#send(call, ({ status, headers }) => {
      if (status < 300 || (follow && headers['location'] !== undefined)) return null;
      return {
        failure: { kind: 'refused', status },
        message: 'it has moved: renamed or transferred since it was read',
      };
    });
    const { location } = answer.headers;
    if (answer.status < 300 || location === undefined) return answer;
    return this.#rest(`GET ${this.#own(location, call.asked)}`, {});
  }

  /** An address of the same API; a token is never sent elsewhere. */
  #own(address: string, asked: string): string {
    const url = new URL(address, this.#root);
    if (url.origin === this.#root.origin) return url.href;
    throw callFailed(
      asked,
      { kind: 'refused', status: 421 },
      `its next page is on another host, ${url.host}`,
      null,
    );
  }

  /** One request through the gate. `judge` says what is wrong with an answer below 400, if anything is. */
  async #send(call: Call, judge: Judge): Promise<Came> {
    const kept = call.lane === 'read' ? this.#cached?.recent(call) : undefined;
    if (kept !== undefined) return kept;
    const answer = await this.#transmit(await this.#acquire(call), call, judge);
    if ('failure' in answer) throw callFailed(call.asked, answer.failure, answer.message, answer.requestId);
    return answer;
  }

  /** One request whose turn has come. @throws GitHubError where there is no token to send it with */
  async #transmit(pass: Pass, call: Call, judge: Judge): Promise<Came | Fault> {
    let transmission: Transmission;
    try {
      const token = await this.#options.auth();
      noteRequest(call.resource === 'core' ? 'rest' : 'graphql', call.lane !== 'read');
      this.#options.count?.(call.resource === 'core' ? 'rest' : 'graphql');
      transmission = await this.#transport.send(call, token);
    } catch (error) {
      pass.settle({ health: 'dropped' });
      throw error;
    }
    const now = Date.now();
    if (!transmission.came) {
      const { reason } = transmission;
      pass.settle({ health: 'failure', reason });
      return {
        failure: { kind: 'unknown', status: null },
        message: reason,
        answered: false,
        requestId: null,
      };
    }
    const fault = faultOf(transmission, judge, now);
    if (call.lane !== 'read')
      noteMutation(requestIdOf(transmission), fault === null && tookEffect(call.resource, transmission));
    const failure = fault?.failure ?? (call.resource === 'graphql' ? limitInParts(transmission, now) : null);
    pass.settle(gateReport(call.resource, transmission.headers, failure, now));
    if (fault === null) return transmission;
    if (call.resource === 'graphql') this.#learn(fault);
    return fault;
  }

  /** A host that has no GraphQL is not asked again: what is read and undone from then on goes by REST. */
  #learn({ failure }: Fault): void {
    if (failure.kind === 'refused' && NO_GRAPHQL.includes(failure.status)) this.#host.graphql = false;
  }

  async #acquire({ lane, resource }: GateRequest): Promise<Pass> {
    // What decides a write is never read from a cache: who has one reads only.
    if (this.#cached !== undefined && lane !== 'read')
      throw new Error('a client with a cache writes nothing');
    const { gate, maxWaitMs = MAX_WAIT_MS, signal } = this.#options;
    const context = callContext();
    const chosen = context.signal ?? signal;
    return gate.acquire(
      { lane, resource },
      {
        maxWaitMs: context.maxWaitMs ?? maxWaitMs,
        priority: context.priority ?? 'do',
        fairnessKey: context.fairnessKey ?? '',
        ...(chosen === undefined ? {} : { signal: chosen }),
      },
    );
  }
}

/** What is sent for several waits and counts by itself. */
const apart = <T>(work: () => Promise<T>): Promise<T> => withoutCallContext(() => countNowhere(work));
