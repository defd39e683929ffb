import { describe, expect, it } from 'vitest';
import { orgsaga } from './support/fakes.js';

const COMMANDS = [
  ['init'],
  ['validate'],
  ['plan'],
  ['apply'],
  ['create-repo'],
  ['onboard'],
  ['runs'],
  ['status'],
  ['watch'],
  ['cancel'],
  ['approve'],
  ['rollback'],
  ['resolve'],
  ['dead-letters'],
  ['github'],
  ['schedule'],
  ['bench'],
  ['dev'],
  ['worker'],
  ['doctor'],
];
const LETTERS = ['list', 'show', 'retry', 'discard'].map((name) => ['dead-letters', name]);
const GITHUB = ['status', 'isolate', 'reset'].map((name) => ['github', name]);
const SCHEDULE = ['create', 'list', 'run', 'pause', 'resume', 'delete'].map((name) => ['schedule', name]);

describe('help', () => {
  it('lists the commands that work, in this order, and no others', async () => {
    const { code, stdout, stderr } = await orgsaga(['--help']);
    const listed = [
      ...(stdout.split('Commands:')[1] ?? '').split('Examples:')[0]!.matchAll(/^ {2}([a-z]\S*)/gm),
    ];
    expect(listed.map(([, name]) => name)).toEqual([
      ...COMMANDS.flat().map((name) => (name === 'dead-letters' ? 'dead-letters|dlq' : name)),
      'help',
    ]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Exit codes:');
  });

  it.each([...COMMANDS, ...LETTERS, ...GITHUB, ...SCHEDULE])(
    '%s %s has a summary and examples',
    async (...words) => {
      const path = words.filter((word) => word !== undefined);
      const { code, stdout, stderr } = await orgsaga([...path, '--help']);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(new RegExp(`^Usage: orgsaga .*${path.at(-1)}`));
      expect(stdout).toMatch(/Examples:\n {2}\$ .*orgsaga /);
      if (!['dead-letters', 'github', 'schedule'].includes(path.join())) expect(stdout).toContain('--json');
    },
  );

  it('has the flags of apply and dev', async () => {
    const apply = await orgsaga(['apply', '--help']);
    for (const flag of [
      '--yes',
      '--detach',
      '--wait',
      '--key',
      '--allow-removals',
      '--strategy',
      '--concurrency',
      '--no-graphql',
    ])
      expect(apply.stdout).toContain(flag);
    const dev = await orgsaga(['dev', '--help']);
    for (const flag of ['--port', '--ui-port', '--github-port', '--repos', '--no-worker'])
      expect(dev.stdout).toContain(flag);
  });

  it('--version prints the version', async () => {
    expect(await orgsaga(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });
});

describe('wrong usage', () => {
  it.each([
    ['no command', [], /Usage: orgsaga/],
    ['an unknown command', ['aply'], /unknown command 'aply'[\s\S]*Did you mean apply\?/],
    ['an unknown option', ['runs', '--jsn'], /unknown option '--jsn'[\s\S]*Did you mean --json\?/],
    ['a missing option', ['plan'], /required option '-f, --file <file>'/],
    ['a missing argument', ['status'], /missing required argument 'run'/],
    ['too many arguments', ['status', 'a', 'b'], /too many arguments/],
    [
      'a strategy that is none',
      ['apply', '-f', 'x', '--strategy', 'fast'],
      /Allowed choices are sequential, parallel, batched/,
    ],
    ['a concurrency of 0', ['apply', '-f', 'x', '--concurrency', '0'], /whole number from 1 to 500/],
    ['a port that is none', ['dev', '--port', '70000'], /whole number from 0 to 65535/],
    ['dead-letters alone', ['dead-letters'], /Usage: orgsaga dead-letters/],
    ['an unknown dead-letters command', ['dlq', 'rety'], /Did you mean retry\?/],
    ['nothing to retry named', ['dlq', 'retry'], /Say which/],
    ['items and --all', ['dlq', 'retry', 'acme/a', '--all'], /not both/],
    ['an item that is none', ['dlq', 'retry', 'a'], /owner\/name/],
  ])('%s: exit 2, nothing on stdout', async (_name, args, message) => {
    const { code, stdout, stderr } = await orgsaga(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
