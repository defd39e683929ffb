import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { STANDARD_PROTECTION, STANDARD_VISIBILITY } from '../../standards/create-repository.js';
import type { Json } from '../../standards/model.js';
import type { RepositoryRequest } from '../../standards/repository-request.js';
import { notBlank } from '../arguments.js';
import { type Cli, examples, JSON_HELP } from '../cli.js';
import { UsageError } from '../errors.js';
import type { ExitCode } from '../exit-codes.js';
import { runSaga, type SagaAsked } from '../run-saga.js';

interface Asked extends SagaAsked {
  file?: string;
  description?: string;
  visibility?: string;
  team?: Grant[];
  developers?: string;
  maintainers?: string;
  admins?: string;
  protect: boolean;
  issue?: string[];
}

type Grant = [slug: string, permission: string];

/** `slug=permission`. */
function grant(text: string, before: Grant[] = []): Grant[] {
  const [slug, permission, ...others] = text.split('=');
  if (!slug || !permission || others.length > 0)
    throw new InvalidArgumentError('It is written as slug=permission, e.g. developers=push.');
  return [...before, [slug, permission]];
}

const several = (text: string, before: string[] = []): string[] => [...before, text];

/** The flags as the file would say it. @throws UsageError where a team is named twice */
function fromFlags(repository: string, asked: Asked): Json {
  const { description = '', visibility, developers, maintainers, admins, protect } = asked;
  const grants: Grant[] = [...(asked.team ?? [])];
  if (developers !== undefined) grants.push([developers, 'push']);
  if (maintainers !== undefined) grants.push([maintainers, 'maintain']);
  if (admins !== undefined) grants.push([admins, 'admin']);
  const teams = new Map<string, string>();
  for (const [slug, permission] of grants) {
    if (teams.has(slug)) throw new UsageError(`The team ${slug} is named twice.`);
    teams.set(slug, permission);
  }
  return {
    version: 1,
    repository,
    description,
    ...(visibility === undefined ? {} : { visibility }),
    teams: Object.fromEntries(teams),
    issues: (asked.issue ?? []).map((title) => ({ title })),
    ...(protect ? {} : { branch_protection: false }),
  };
}

const ITS_OWN = [
  'description',
  'visibility',
  'team',
  'developers',
  'maintainers',
  'admins',
  'issue',
] as const;

async function requestOf(cli: Cli, repository: string | undefined, asked: Asked): Promise<RepositoryRequest> {
  const { file } = asked;
  if (file === undefined) {
    if (repository === undefined)
      throw new UsageError('Name the repository as OWNER/NAME, or a file with -f.');
    return cli.deps.readRepositoryRequest(fromFlags(repository, asked));
  }
  const named =
    ITS_OWN.find((flag) => asked[flag] !== undefined) ?? (asked.protect ? undefined : 'no-protect');
  if (repository !== undefined || named !== undefined)
    throw new UsageError(
      `With -f the file says all of it: take away ${repository === undefined ? `--${named}` : repository}.`,
    );
  return cli.deps.loadRepositoryRequest(file);
}

const STANDARD = { visibility: STANDARD_VISIBILITY, branch_protection: STANDARD_PROTECTION };

async function createRepo(cli: Cli, repository: string | undefined, asked: Asked): Promise<ExitCode> {
  const { document, hash, plan } = await requestOf(cli, repository, asked);
  const item = document.repository;
  const teams = Object.entries(document.teams).map(([slug, permission]) => `${slug}: ${permission}`);
  const { visibility, branch_protection } = asked.adopt === true ? document : { ...STANDARD, ...document };
  const details = [
    ...(visibility === undefined ? [] : [visibility]),
    ...(branch_protection === undefined ? [] : [branch_protection === false ? 'not protected' : 'protected']),
    ...teams,
    ...(document.issues.length === 0 ? [] : [`${document.issues.length} issues`]),
  ];
  return runSaga(cli, asked, `Create ${item} (${details.join(', ')})?`, {
    kind: 'create-repo',
    organization: item.slice(0, item.indexOf('/')),
    item,
    hash,
    document: JSON.parse(JSON.stringify(document)) as Json,
    plan,
    ...(document.visibility === undefined ? {} : { visibility: document.visibility }),
  });
}

/** `create-repo OWNER/NAME`: a repository with protection, access and issues, or none of it. */
export const createRepoCommand = (cli: Cli) =>
  cli
    .command(
      'create-repo',
      'Create a repository with branch protection, team access and initial issues, all or nothing. Ctrl-C only detaches.',
    )
    .argument('[repository]', 'the new repository, as OWNER/NAME', notBlank)
    .option('-f, --file <file>', 'a YAML file that says all of it, in place of the name and its flags')
    .option('--description <text>', 'one line, 350 characters at most')
    .addOption(
      new Option(
        '--visibility <visibility>',
        'who sees it (default: private); one that is taken up keeps its own',
      ).choices(['private', 'public', 'internal'] as const),
    )
    .option('--developers <slug>', 'the team that gets push')
    .option('--maintainers <slug>', 'the team that gets maintain')
    .option('--admins <slug>', 'the team that gets admin')
    .option('--team <slug=permission>', 'any team: pull, triage, push, maintain or admin; repeatable', grant)
    .option(
      '--no-protect',
      'leave the default branch as it is; else that of a new repository needs one approving review',
    )
    .option('--issue <title>', 'open an issue; repeatable', several)
    .option('--adopt', 'where it is there already take it up instead of refusing; it is then never deleted')
    .option('-y, --yes', 'do not ask; needed without a terminal')
    .option('--detach', 'return once the run is accepted')
    .option('--wait', 'wait for another run on the organisation instead of being refused')
    .option('--key <key>', 'request key: the same key starts one run, however often it is sent', notBlank)
    .option('--no-graphql', 'use REST for everything')
    .option('--json', JSON_HELP)
    .addHelpText(
      'after',
      examples(
        'orgsaga create-repo acme/payments --developers developers --admins platform',
        'orgsaga create-repo acme/payments --team support=triage --issue "Write the README" --yes',
        'orgsaga create-repo -f payments.yaml --yes --json --key payments',
      ),
    )
    .addHelpText(
      'after',
      '\nExits 0 when all is there, 3 when it failed and is undone, 5 when something is left for a person, 1 when it exists already.',
    )
    .action(cli.action(async (repository, asked) => createRepo(cli, repository, asked)));
