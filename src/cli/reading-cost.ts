import type { ReadingCost } from './deps.js';
import type { Output } from './output.js';

/** What a reading took of GitHub's limits, for a person. */
export function noteCost(out: Pick<Output, 'notes'>, { requests, cache, notKept }: ReadingCost): void {
  const { rest, graphql } = requests;
  const sent = [`${rest} REST`, `${graphql} GraphQL`].join(', ');
  const unchanged =
    cache.revalidations === 0 ? '' : `, ${cache.revalidations} of them unchanged and not counted`;
  const recent = cache.hits === 0 ? '' : `; ${cache.hits} recent answers taken unasked`;
  out.notes(`Requests: ${sent}${unchanged}${recent}.`);
  if (notKept !== null) out.notes(`note  the answers could not be kept for the next time: ${notKept}`);
}

/** The same under the names that `github status` has. */
export const costJson = ({ requests, cache }: ReadingCost) => ({
  requests,
  cache: {
    cache_hits: cache.hits,
    cache_misses: cache.misses,
    revalidations: cache.revalidations,
  },
});
