import { describe, expect, it } from 'vitest';
import type { LetterSelection } from '../../src/api.js';
import type { Client } from '../../src/cli/deps.js';
import { GitHubError } from '../../src/github/errors.js';
import type { RunStatus } from '../../src/workflows/contract.js';
import { fakeDeps, orgsaga, RUN, readingBy, status } from './support/fakes.js';

describe('steering with little said', () => {
  it('discard needs no reason', async () => {
    const reasons: string[] = [];
    const client = {
      discard: async (_selection: LetterSelection, reason: string) => {
        reasons.push(reason);
        return { accepted: ['acme/a'], refused: [] };
      },
    };
    expect((await orgsaga(['dlq', 'discard', 'acme/a', '--yes'], fakeDeps({ client }))).code).toBe(0);
    expect(reasons).toEqual(['no reason given']);
  });

  it.each([
    [['status', '']],
    [['watch', ' ']],
    [['cancel', '', '--yes']],
    [['dlq', 'list', '--run', '']],
    [['apply', '-f', 'standards.yaml', '--yes', '--key', '']],
    [['apply', '-f', 'standards.yaml', '--yes', '--key', '  ']],
  ])('an empty name is wrong usage: %j', async (args) => {
    expect(await orgsaga(args)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('It may not be empty.'),
    });
  });

  it('Ctrl-C at a question: exit 130, nothing done', async () => {
    const asked = { interactive: true, input: '\u0003' };
    expect(await orgsaga(['cancel', RUN], fakeDeps({}), asked)).toMatchObject({
      code: 130,
      stderr: expect.stringContaining('nothing was done'),
    });
  });

  it.each([
    [1, '1 field is left as a conflict; see orgsaga status apply-acme-1\n'],
    [2, '2 fields are left as a conflict; see orgsaga status apply-acme-1\n'],
  ])('watch says that %i conflicts are left', async (count, said) => {
    const conflict = {
      item: 'acme/a',
      step: 'settings',
      field: 'has_wiki',
    } as RunStatus['conflicts'][number];
    const ended = status({ conflicts: Array.from({ length: count }, () => conflict) });
    const client: Partial<Client> = { watch: async () => ({ ended: 'at_rest', status: ended }) };
    const { code, stderr } = await orgsaga(['watch', RUN], fakeDeps({ client }));
    expect([code, stderr]).toEqual([5, expect.stringContaining(said)]);
  });
});

describe('GitHub that cannot be used', () => {
  it('is said without the next try, which a command does not wait for', async () => {
    const error = new GitHubError('Not sent to GitHub: x; next try at 2025-01-01T00:00:00.000Z.', {
      kind: 'unavailable',
      until: 0,
      reason: 'the circuit breaker is open',
    });
    const deps = fakeDeps(
      readingBy({
        readLive: async () => {
          throw error;
        },
      }),
    );
    expect(await orgsaga(['init', '--org', 'acme'], deps, { env: { GITHUB_TOKEN: 'a-token' } })).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'error: GitHub cannot be reached or used now: the circuit breaker is open. Check GITHUB_API_URL and the network, then try again.\n',
    });
  });
});
