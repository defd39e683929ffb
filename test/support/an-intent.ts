import type { Intent } from '../../src/store/store.js';

/** An intent of run `r1` on `acme/api`; what differs is given. */
export function anIntent(differing: Partial<Intent> = {}): Intent {
  return {
    run: 'r1',
    organization: 'acme',
    item: 'acme/api',
    step: 'settings',
    direction: 'do',
    attempt: 1,
    actor: 'ada',
    change: {
      step: 'settings',
      kind: 'repository_settings',
      key: '',
      action: 'update',
      before: { has_wiki: true },
      after: { has_wiki: false },
    },
    target: { owner: 'acme', name: 'api', id: 7, node_id: 'R_7', default_branch: 'main' },
    from: { has_wiki: true },
    to: { has_wiki: false },
    ...differing,
  };
}
