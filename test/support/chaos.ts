import type { FaultRule } from '../../src/dev/github/index.js';
import type { System } from './system.js';

/** Writes over REST; over GraphQL all are POSTs to one path. */
const METHODS = ['PUT', 'PATCH', 'POST', 'DELETE'];

/**
 * Answers that leave the outcome open, each on a few of a hundred writes, drawn by seed. With the tests' 4 s for an activity
 * a call times out after 1.6 s, and is applied at most 3 s (`settle`) after it was sent.
 */
export function uncertainAnswers(seed: number, strength = 1): FaultRule[] {
  const kinds: Omit<FaultRule, 'match'>[] = [
    { kind: 'reset', when: 'after', probability: 0.03 },
    { kind: 'status', status: 502, when: 'before', probability: 0.03 },
    { kind: 'status', status: 500, when: 'after', probability: 0.03 },
    { kind: 'malformed', when: 'after', probability: 0.03 },
    { kind: 'delay', when: 'before', ms: 2_500, probability: 0.01 },
    { kind: 'apply-later', ms: 200, apply_ms: 1_500, probability: 0.02 },
  ];
  return METHODS.flatMap((method, row) =>
    kinds.map(({ probability = 0, ...kind }, column) => ({
      ...kind,
      id: `${kind.kind}-${kind.when ?? 'before'}-${method}`,
      match: { method },
      probability: probability * strength,
      seed: seed * 100 + row * 10 + column,
    })),
  );
}

/** How often each kind of fault has struck. */
export function strikes({ github }: System): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind, struck } of github.faults.list()) counts[kind] = (counts[kind] ?? 0) + struck;
  return counts;
}
