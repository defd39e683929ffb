import { createHash } from 'node:crypto';
import type { Came } from './http-answer.js';
import { isObject } from './json.js';
import type { ReadCache } from './read-cache.js';
import type { HttpRequest, Transmission, Transport } from './transport.js';

/**
 * Asks whether what is kept is still so, and gives it where GitHub says yes (304); who asks sees the same answer as without a cache.
 * A GraphQL query has no ETag: it is only kept where recent answers are taken unasked.
 */
export class CachedTransport implements Transport {
  constructor(
    private readonly transport: Transport,
    private readonly cache: ReadCache,
  ) {}

  /** The answer that may be taken without a request. */
  recent(request: HttpRequest): Came | undefined {
    return this.cache.recent(this.#keyOf(request), this.addressOf(request).pathname);
  }

  addressOf(request: HttpRequest): URL {
    return this.transport.addressOf(request);
  }

  async send(request: HttpRequest, token: string): Promise<Transmission> {
    if (request.method !== 'GET' && this.cache.policy.mode !== 'recent')
      return this.transport.send(request, token);
    const key = this.#keyOf(request);
    const kept = this.cache.kept(key);
    const etag = kept?.etag ?? null;
    const answer = await this.transport.send(etag === null ? request : askingFor(request, etag), token);
    if (!answer.came) return answer;
    if (answer.status === 304 && kept !== undefined) return this.cache.unchanged(key, kept, answer);
    if (answer.status === 200 && answer.readable && !isInPart(answer.data)) this.cache.answered(key, answer);
    return answer;
  }

  /** What tells an answer from others of the same token: the address, and what was asked for there. */
  #keyOf(request: HttpRequest): string {
    const { data, headers } = request.parameters;
    const accept = isObject(headers) && typeof headers['accept'] === 'string' ? ` ${headers['accept']}` : '';
    const address = this.addressOf(request).href;
    if (request.method === 'GET') return `${address}${accept}`;
    return `${address} ${createHash('sha256').update(JSON.stringify(data)).digest('hex')}`;
  }
}

function askingFor(request: HttpRequest, etag: string): HttpRequest {
  const { headers } = request.parameters;
  return {
    ...request,
    parameters: {
      ...request.parameters,
      headers: { ...(isObject(headers) ? headers : {}), 'if-none-match': etag },
    },
  };
}

/** GraphQL tells with success what it could not give. */
const isInPart = (data: unknown): boolean => isObject(data) && 'errors' in data;
