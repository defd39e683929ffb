import type { FaultRule } from '../../src/dev/github/index.js';
import type { Draw } from './draw.js';
import type { System } from './system.js';

interface Place {
  match: FaultRule['match'];
  /** What the standards file has where an apply comes by; any file where absent. */
  needs?: RegExp;
  /** Where requests go one way only with GraphQL, and the other without it. */
  over?: 'rest' | 'graphql';
}

const PROTECTION = { needs: /branch_protection:\n/ };
const MADE_TEAM = /slug: (alpha|zeta)/;
const REMOVED_TEAM = /slug: (bare|lone)\n +absent/;

const rest = (method: string, path: string, more: Omit<Place, 'match'> = {}): Place => ({
  match: { method, path },
  ...more,
});

/** Writes that a run may make to the organisation. */
const places = (login: string): Place[] => [
  rest('PATCH', `/orgs/${login}`),
  rest('POST', `/orgs/${login}/teams`, { needs: MADE_TEAM }),
  rest('PATCH', `/orgs/${login}/teams/*`),
  rest('DELETE', `/orgs/${login}/teams/*`, { needs: REMOVED_TEAM }),
  rest('PUT', `/orgs/${login}/teams/*/memberships/*`, { needs: /members:/ }),
  rest('PUT', `/orgs/${login}/teams/*/repos/${login}/*`, { over: 'rest' }),
  rest('DELETE', `/orgs/${login}/teams/*/repos/${login}/*`),
  rest('POST', `/orgs/${login}/rulesets`, { needs: /rulesets:/ }),
  rest('PUT', `/orgs/${login}/rulesets/*`, { needs: /rulesets:/ }),
  rest('PATCH', `/repos/${login}/one`),
  rest('PATCH', `/repos/${login}/two`),
  rest('PUT', `/repos/${login}/*/topics`, { needs: /topics:/, over: 'rest' }),
  rest('POST', `/repos/${login}/*/labels`, { needs: /labels:/, over: 'rest' }),
  rest('PATCH', `/repos/${login}/*/labels/*`, { needs: /labels:/, over: 'rest' }),
  rest('PUT', `/repos/${login}/*/branches/*/protection`, { ...PROTECTION, over: 'rest' }),
  rest('DELETE', `/repos/${login}/*/branches/*/protection`, { ...PROTECTION, over: 'rest' }),
  rest('POST', `/repos/${login}/*/rulesets`, { needs: /rulesets:/ }),
  rest('PUT', `/repos/${login}/*/rulesets/*`, { needs: /rulesets:/ }),
  rest('PUT', `/repos/${login}/*/contents/*`, { needs: /files:/ }),
  rest('DELETE', `/repos/${login}/*/contents/*`, { needs: /files:/ }),
  rest('POST', `/repos/${login}/*/pulls`, { needs: /files:/ }),
  rest('POST', `/repos/${login}/*/git/refs`, { needs: /files:/ }),
  ...[
    { operation: 'createBranchProtectionRule', ...PROTECTION },
    { operation: 'updateBranchProtectionRule', ...PROTECTION },
    { operation: 'deleteBranchProtectionRule', ...PROTECTION },
    { operation: 'updateTeamsRepository' },
    { operation: 'updateTopics', needs: /topics:/ },
    { operation: 'createLabel', needs: /labels:/ },
    { operation: 'updateLabel', needs: /labels:/ },
  ].map(
    ({ operation, ...more }): Place => ({
      match: { operation, repo: `${login}/*` },
      ...more,
      over: 'graphql',
    }),
  ),
];

/** What an apply or a retry may meet: refusals, answers that get lost, answers that GitHub is not well. */
const ON_THE_WAY = ['refused', 'refused', 'refused', 'lost', 'unwell'] as const;
/** What an undo may meet, after which it has to come through all the same. */
const ON_THE_WAY_BACK = ['lost', 'unwell'] as const;

function randomFault(draw: Draw, { match }: Place, kind: (typeof ON_THE_WAY)[number]): FaultRule {
  const skip = draw.whole(0, 1);
  if (kind === 'lost') return { match, skip, kind: 'reset', when: 'after', times: 1 };
  if (kind === 'unwell') return { match, skip, kind: 'status', status: 502, times: 2 };
  // Until it is cleared, or once.
  const times = draw.one([99, 1]);
  return match.operation === undefined
    ? { match, skip, times, kind: 'status', status: 422, body: { message: 'No.' } }
    : { match, skip, times, kind: 'graphql-error', type: 'FORBIDDEN', message: 'No.' };
}

/** The faults of one organisation at the simulated GitHub, which others share. */
export class RandomFaults {
  private ids: string[] = [];

  constructor(
    private readonly system: System,
    private readonly login: string,
    private readonly draw: Draw,
    private readonly graphql: boolean,
  ) {}

  /** Adds so many that an apply of the file may meet. @returns what they are, for a person */
  add(count: number, file: string): string[] {
    return this.addTo(
      this.places().filter(({ needs }) => needs?.test(file) ?? true),
      count,
      ON_THE_WAY,
    );
  }

  /** The same for an undo, which may take back anything. */
  addToUndo(count: number): string[] {
    return this.addTo(this.places(), count, ON_THE_WAY_BACK);
  }

  clear(): void {
    for (const id of this.ids) this.system.github.faults.remove(id);
    this.ids = [];
  }

  private places(): Place[] {
    return places(this.login).filter(
      ({ over }) => over === undefined || (over === 'graphql') === this.graphql,
    );
  }

  private addTo(
    met: readonly Place[],
    count: number,
    kinds: readonly (typeof ON_THE_WAY)[number][],
  ): string[] {
    return Array.from({ length: count }, () => {
      const kind = this.draw.one(kinds);
      const fault = randomFault(this.draw, this.draw.one(met), kind);
      this.ids.push(this.system.github.faults.add(fault));
      const { method, path, operation } = fault.match;
      return `${kind}: ${[method, path, operation].filter(Boolean).join(' ')}, ${fault.times} times after ${fault.skip}`;
    });
  }
}
