import { describe, expect, it } from 'vitest';
import { orderFindings } from '../support/checker/order.js';
import { type Evidence, findings } from '../support/checker.js';
import {
  before,
  created,
  doctored,
  effect,
  evidence,
  post,
  repository,
  request,
  rolledBack,
  row,
  totals,
} from '../support/evidence.js';
import { wanted } from '../support/organization.js';

/** Records of the files of one repository, e.g. `do a`, `undo a unchanged`. */
const written = (...acts: string[]) =>
  acts.map((act, at) => {
    const [direction = '', key = '', outcome = 'applied'] = act.split(' ');
    return row({ id: at + 1, kind: 'file', direction, key, outcome });
  });

describe('the checker', () => {
  it('finds nothing where all is well', () => {
    expect(findings(evidence())).toEqual([]);
    expect(findings(evidence({ after: before, report: rolledBack }))).toEqual([]);
  });

  /** What must be found, by the evidence that was tampered with. */
  const tampered: Record<string, [rule: RegExp, Partial<Evidence>]> = {
    'one field of a repository as before, the others as wanted': [
      /^mixed: acme\/repo-000 .*settings.has_wiki/,
      {
        after: doctored(wanted(before), (copy) => {
          repository(copy).settings['has_wiki'] = true;
        }),
      },
    ],
    'a label as nobody wanted it': [
      /^mixed: acme\/repo-001 .*labels/,
      {
        after: doctored(wanted(before), (copy) => {
          repository(copy, 'repo-001').labels.pop();
        }),
      },
    ],
    'a repository that was reported done and is as before': [
      /^lost: acme\/repo-002/,
      {
        after: doctored(wanted(before), (copy) => {
          copy.repositories['repo-002'] = repository(before, 'repo-002');
        }),
      },
    ],
    'a dead letter that is changed all the same': [
      /^not undone: acme\/repo-003/,
      { report: { state: 'AwaitingOperator', totals, deadLetters: [{ item: 'acme/repo-003' }] } },
    ],
    'a repository that was deleted and made anew': [
      /^replaced: acme\/repo-000/,
      {
        after: doctored(wanted(before), (copy) => {
          repository(copy).id += 1_000;
        }),
      },
    ],
    'a repository that is gone': [
      /^replaced: acme\/repo-000/,
      {
        after: doctored(wanted(before), (copy) => {
          delete copy.repositories['repo-000'];
        }),
      },
    ],
    'a setting of the organisation left after a rollback': [
      /^not undone: acme differs in settings.default_repository_permission/,
      {
        report: rolledBack,
        after: doctored(before, (copy) => {
          copy.settings['default_repository_permission'] = 'read';
        }),
      },
    ],
    'a team left after a rollback': [
      /^not undone: acme differs in teams.platform/,
      {
        report: rolledBack,
        after: doctored(before, (copy) => {
          Object.assign(copy.teams, { platform: wanted(before).teams['platform'] });
        }),
      },
    ],
    'a setting of the organisation that was not written': [
      /^lost: acme differs in settings/,
      { after: { ...wanted(before), settings: before.settings } },
    ],
    'a team that nobody asked for': [
      /^orphan: team acme\/stray/,
      {
        after: doctored(wanted(before), (copy) => {
          Object.assign(copy.teams, { stray: copy.teams['developers'] });
        }),
      },
    ],
    'a mark that was left behind': [
      /^orphan: team acme\/platform still carries a mark/,
      {
        after: doctored(wanted(before), (copy) => {
          Object.assign(copy.teams['platform'] ?? {}, { description: 'x <!-- orgsaga:run -->' });
        }),
      },
    ],
    'a branch that nobody asked for': [
      /^orphan: branches orgsaga\/x of acme\/repo-000/,
      {
        after: doctored(wanted(before), (copy) => {
          repository(copy).branches['orgsaga/x'] = {};
        }),
      },
    ],
    'an issue that nobody asked for': [
      /^orphan: threads of acme\/repo-000/,
      {
        after: doctored(wanted(before), (copy) => {
          repository(copy).threads.push({ kind: 'Issue' });
        }),
      },
    ],
    'totals that are no partition': [
      /^totals: /,
      { report: { state: 'Committed', totals: { ...totals, committed: 3 }, deadLetters: [] } },
    ],
    'a team made twice': [
      /^duplicate: team.create/,
      { entries: [request(1), created(2), request(3), created(4)], audit: null },
    ],
    'a write that changed nothing': [
      /^needless: team_repository.put/,
      { entries: [request(1), effect(2), request(3), effect(4, { changed: false })] },
    ],
    'more writes than differences': [
      /^too many writes/,
      { entries: Array.from({ length: 90 }, (_, index) => effect(index + 1)), audit: null },
    ],
    'a request in a closed window': [
      /^closed window: request 1/,
      { entries: [request(1, { in_closed_window: true }), effect(2)] },
    ],
    'a POST repeated without a look': [
      /^blind repeat: request 2 repeats 1/,
      { entries: [post(1), post(2)], audit: [] },
    ],
    'a POST repeated after a look at something else': [
      /^blind repeat: request 3 repeats 1/,
      { entries: [post(1), request(2, { method: 'GET', path: '/repos/acme/repo-000' }), post(3)], audit: [] },
    ],
    'an effect without a record': [
      /^audit: team_repository .*1 effects on GitHub, 0 recorded/,
      { audit: [] },
    ],
    'a record without an effect': [
      /^audit: topics .*0 effects on GitHub, 1 recorded/,
      { audit: [row(), row({ id: 2, kind: 'topics', key: '', request_id: null })] },
    ],
    'an effect that is recorded as refused': [
      /^audit: .*0 recorded/,
      { audit: [row({ outcome: 'refused' })] },
    ],
    'an intent that was written after the effect': [
      /^audit: .*without an intent before it/,
      { audit: [row({ intended_at: 1_003 })] },
    ],
    'an effect that changed something, with an intent of an earlier run alone': [
      /^audit: .*without an intent before it/,
      { audit: [row({ intended_at: 1_003 })], earlier: [row({ id: 0, intended_at: 900 })] },
    ],
    'an outcome that was written before the effect': [
      /^audit: .*not between intent and outcome/,
      { audit: [row({ concluded_at: 1_001 })] },
    ],
    'a record with the id of another request': [
      /^audit: .*51A0:7 had no such effect/,
      { audit: [row({ request_id: '51A0:7' })] },
    ],
    'a compensation before that of what was begun later': [
      /^order: acme\/settings organization_settings was undone before acme\/repo-000 topics/,
      {
        report: rolledBack,
        audit: [
          row({ id: 1, item: 'acme/settings', kind: 'organization_settings', key: '' }),
          row({ id: 2, kind: 'topics', key: '' }),
          row({ id: 3, item: 'acme/settings', kind: 'organization_settings', key: '', direction: 'undo' }),
          row({ id: 4, kind: 'topics', key: '', direction: 'undo' }),
        ],
      },
    ],
    'a wrong order in the undo of a retry, whose first try was undone in the right one': [
      /^order: acme\/repo-000 file b was undone before acme\/repo-000 file a/,
      {
        report: rolledBack,
        audit: written('do a', 'do b', 'undo b', 'undo a', 'do b', 'do a', 'undo b', 'undo a'),
      },
    ],
    'a wrong order in the undo of a first try, whose retry was undone in the right one': [
      /^order: acme\/repo-000 file a was undone before acme\/repo-000 file b/,
      {
        report: rolledBack,
        audit: written('do a', 'do b', 'undo a', 'undo b', 'do a', 'do b', 'undo b', 'undo a'),
      },
    ],
    'a record with another value': [
      /^audit: .*recorded \[null,"admin"\]/,
      { audit: [row({ to_value: '"admin"' })] },
    ],
  };

  it.each(Object.entries(tampered))('finds %s', (_what, [rule, more]) => {
    expect(findings(evidence(more)).filter((finding) => rule.test(finding))).not.toEqual([]);
  });

  it('takes the start of a step that was undone and done again for that of its last do', () => {
    for (const acts of [
      // What was found gone has been undone too.
      ['do a', 'do b', 'undo b', 'undo a unchanged', 'do b', 'do a', 'undo a', 'undo b'],
      ['do a', 'undo a', 'do b', 'do a', 'undo a', 'undo b'],
    ])
      expect(orderFindings({ audit: written(...acts) })).toEqual([]);
  });

  it('finds what a run begins without the lock, and lets it end what it had begun', () => {
    const audit = [row({ intended_at: 1_000 }), row({ id: 2, intended_at: 2_000 })];
    const lost = { run: 'run', at: 1_500 };
    expect(orderFindings({ audit, lockLost: lost })).toMatchObject([
      expect.stringMatching(/^fence: run began/),
    ]);
    expect(orderFindings({ audit: audit.slice(0, 1), lockLost: lost })).toEqual([]);
  });

  it('lets a POST be repeated after a look, or after a certain no', () => {
    const look = request(2, { method: 'GET', path: '/orgs/acme/teams/platform' });
    const no = post(1, { status: 422 });
    for (const entries of [
      [post(1), look, post(3)],
      [no, post(2)],
    ])
      expect(findings(evidence({ entries, audit: [] }))).toEqual([]);
  });

  it('lets a run that was stopped with --keep hold both', () => {
    const half = doctored(wanted(before), (copy) => {
      copy.repositories['repo-002'] = repository(before, 'repo-002');
    });
    const report = {
      state: 'Cancelled',
      totals: { ...totals, committed: 3, cancelled: 1 },
      deadLetters: [],
    };
    expect(findings(evidence({ after: half, report, kept: true }))).toEqual([]);
    expect(findings(evidence({ after: half, report, kept: false }))).not.toEqual([]);
  });
});
