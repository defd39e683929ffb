import { createTransport, type TransportOptions } from './transport.js';

/**
 * Asks a host whether it is well: any answer below 500 will do. `GET /rate_limit` costs nothing of any limit, and a circuit
 * breaker that probes with it tells GitHub's failure from that of one repository, whose calls alone go on failing.
 */
export function healthProbe(
  options: TransportOptions & { auth: () => Promise<string> },
): () => Promise<boolean> {
  const transport = createTransport(options);
  return async () => {
    const answer = await transport.send(
      { method: 'GET', url: '/rate_limit', parameters: {} },
      await options.auth(),
    );
    return answer.came && answer.status < 500;
  };
}
