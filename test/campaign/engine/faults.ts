import type { FaultRule } from '../../../src/dev/github/index.js';
import { protectionRefusals } from '../../../src/dev/refuse-protection.js';
import { named } from './round.js';

/**
 * F3's mixture: of all writes 5 % 5xx, 5 % reset after they were applied, 2 % that hang past the time-out and are then
 * applied, 2 % half a JSON document; of all reads 3 % 502. With 4 s for an activity a call times out after 1.6 s, and is
 * applied within 3 s (`settle`) of its end.
 */
export function uncertain(seed: number, strength = 1): FaultRule[] {
  const match = { write: true };
  const kinds: [name: string, rule: Omit<FaultRule, 'id' | 'match' | 'seed'>][] = [
    ['502-before', { kind: 'status', status: 502, when: 'before', probability: 0.03 }],
    ['500-after', { kind: 'status', status: 500, when: 'after', probability: 0.02 }],
    ['reset-after', { kind: 'reset', when: 'after', probability: 0.05 }],
    ['hang-then-applied', { kind: 'delay', when: 'before', ms: 2_500, probability: 0.01 }],
    ['apply-later', { kind: 'apply-later', ms: 200, apply_ms: 1_500, probability: 0.01 }],
    ['malformed', { kind: 'malformed', when: 'after', probability: 0.02 }],
  ];
  const rules = kinds.map(([name, rule], index) =>
    named(name, seed, {
      ...rule,
      match,
      probability: (rule.probability ?? 1) * strength,
      seed: seed * 100 + index,
    }),
  );
  const read = {
    match: { write: false },
    kind: 'status',
    status: 502,
    probability: 0.03 * strength,
  } as const;
  return [...rules, named('read-502', seed, { ...read, seed: seed * 100 + 99 })];
}

/** Reads that show what was there `lagMs` ago. */
export const lagging = (seed: number, probability: number): FaultRule =>
  named('lag', seed, { match: { write: false }, kind: 'lag', probability, seed: seed * 100 + 50 });

/** GitHub refuses a repository's branch protection for good, over REST and GraphQL. */
export const poison = (login: string, name: string): FaultRule[] =>
  protectionRefusals(login, name).map((rule) =>
    named('poison', `${login}/${name}/${rule.match.operation ?? 'rest'}`, rule),
  );
