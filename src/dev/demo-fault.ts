import { refuseProtection } from './refuse-protection.js';
import type { Stack } from './stack.js';

/** Of those whose branch protection is wrong. */
const BROKEN = ['billing-web', 'search-worker', 'identity-gateway'];

/**
 * Makes GitHub refuse the protection of three repositories.
 * @returns what mends it
 */
export function breakRepositories({ simulated }: Stack): () => void {
  if (simulated === null) throw new Error('The demo breaks only a simulated GitHub: unset GITHUB_API_URL.');
  const mends = BROKEN.map((name) => refuseProtection(simulated, 'acme', name));
  return () => {
    for (const mend of mends) mend();
  };
}
