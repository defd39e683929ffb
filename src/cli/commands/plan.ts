import type { GitHubError } from '../../github/errors.js';
import type { OrganizationPreview } from '../../planning.js';
import type { PlannedItem, SkippedItem } from '../../standards/model.js';
import { planJson, renderPlan } from '../../standards/render-plan.js';
import { type Cli, examples, JSON_HELP } from '../cli.js';
import { CliError, explain, UsageError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { costJson, noteCost } from '../reading-cost.js';
import { readingProgress } from '../reading-progress.js';
import { loadChecked } from '../standards-file.js';
import { oneLine } from '../theme.js';
import { requireTokens } from '../token.js';

interface Found {
  items: PlannedItem[];
  skipped: SkippedItem[];
  notes: string[];
  problems: string[];
  removals: string[];
  repositories: number;
  organizations: number;
  unread: Unread[];
}

/** An organisation that could not be read, or not to its end. */
interface Unread {
  organization: string;
  error: GitHubError;
}

type Show = (items: PlannedItem[]) => void;

/** Shows what each preview of one organisation has that the one before it had not; gives the last, which is complete. */
async function followPreviews(
  cli: Cli,
  previews: AsyncIterable<OrganizationPreview>,
  show: Show,
): Promise<OrganizationPreview[]> {
  const complete = new Map<string, OrganizationPreview>();
  const shown = new Map<string, number>();
  let progress = readingProgress(cli.io, '');
  try {
    for await (const preview of previews) {
      const { organization, before, repositories, problems, read, total } = preview;
      if (!complete.has(organization)) {
        progress.end();
        progress = readingProgress(cli.io, organization);
      }
      complete.set(organization, preview);
      const known = [...before, ...repositories];
      const fresh = known.slice(shown.get(organization) ?? 0);
      shown.set(organization, known.length);
      if (fresh.length > 0 && problems.length === 0) {
        progress.end();
        show(fresh);
      }
      progress.update(read, total);
    }
  } finally {
    progress.end();
  }
  return [...complete.values()];
}

async function collect(cli: Cli, previews: AsyncIterable<OrganizationPreview>, show: Show): Promise<Found> {
  const organizations = await followPreviews(cli, previews, show);
  const problems = organizations.flatMap((each) => each.problems);
  const last = organizations.flatMap(({ after }) => after);
  if (problems.length === 0 && last.length > 0) show(last);
  return {
    items: organizations.flatMap(({ before, repositories, after }) => [...before, ...repositories, ...after]),
    skipped: organizations.flatMap(({ skipped }) => skipped),
    notes: organizations.flatMap(({ notes }) => notes),
    problems,
    removals: organizations.flatMap(({ removals }) => removals),
    repositories: organizations.reduce((sum, { read }) => sum + read, 0),
    organizations: organizations.length,
    unread: organizations.flatMap(({ organization, failure }) =>
      failure === null ? [] : [{ organization, error: failure }],
    ),
  };
}

const reasonOf = ({ error }: Unread): string => explain(error).message;

/** Of the only organisation its own error; else each with its name, told after what the others had to show. */
function failureOf(unread: Unread[], organizations: number): Error | null {
  const [first] = unread;
  if (first === undefined) return null;
  if (organizations === 1) return first.error;
  const lines = unread.map((each) => `${oneLine(each.organization)} could not be read: ${reasonOf(each)}`);
  const codes = unread.map(({ error }) => explain(error).exitCode);
  return new CliError(lines.join('\n'), codes.find((code) => code === EXIT.authentication) ?? EXIT.error);
}

function report({ out }: Cli, file: string, found: Found): void {
  const { items, skipped, notes, removals, repositories, unread } = found;
  const read = unread.length === 0 ? 'read' : 'could be read';
  const steps = items.reduce((sum, { changes }) => sum + changes.length, 0);
  for (const { item, reason } of skipped) out.notes(`skipped  ${oneLine(item)}: ${reason}`);
  for (const note of notes) out.notes(`note  ${oneLine(note)}`);
  if (items.length === 0)
    out.notes(
      unread.length === 0
        ? `Nothing to change: ${repositories} repositories are as ${file} says.`
        : `Nothing to change in the ${repositories} repositories that could be read.`,
    );
  else
    out.notes(
      `${steps} changes to ${items.length} items; ${repositories} repositories ${read}. Make them: orgsaga apply -f ${file}`,
    );
  for (const removal of removals) out.notes(`${out.noteTheme.yellow('warning:')} apply ${removal}`);
}

/** `plan`: what apply would change, field by field. */
export const planCommand = (cli: Cli) =>
  cli
    .command(
      'plan',
      'Show what apply would change, field by field. Reads GitHub, writes nothing, needs no server.',
    )
    .requiredOption('-f, --file <file>', 'the standards file')
    .option(
      '--cache',
      'take answers that are a few minutes old (`cache.ttl`), instead of asking GitHub again',
    )
    .option(
      '--no-graphql',
      'use REST only; GitHub does not count what has not changed since it was last read so',
    )
    .option('--json', JSON_HELP)
    .addHelpText('after', examples('orgsaga plan -f standards.yaml', 'orgsaga plan -f standards.yaml --json'))
    .addHelpText(
      'after',
      '\nExits 0 when there is nothing to change, 7 when there is, 4 or 1 when an organisation cannot be read.',
    )
    .action(
      cli.action(async ({ file, cache = false, graphql, json = false }) => {
        const { io, deps, out } = cli;
        const { document, hash } = await loadChecked(deps, file);
        const config = await deps.loadConfig(io.env);
        const organizations = document.organizations.map(({ login }) => login);
        requireTokens(config, io.env, organizations);
        const { value: found, cost } = await deps.withReads(
          config,
          io.env,
          { organizations, cached: cache, graphql },
          (reads) =>
            collect(cli, reads.plan(document), (items) => {
              if (!json) out.lines(...renderPlan(items, out.theme));
            }),
        );
        const failed = failureOf(found.unread, found.organizations);
        if (found.problems.length > 0) {
          if (failed !== null) out.notes(failed.message);
          throw new UsageError(found.problems.map((problem) => `${file}: ${problem}`).join('\n'));
        }
        if (failed !== null && found.unread.length === found.organizations) throw failed;
        report(cli, file, found);
        noteCost(out, cost);
        if (json)
          out.json({
            file,
            hash,
            repositories: found.repositories,
            items: planJson(found.items),
            skipped: found.skipped,
            notes: found.notes,
            removals: found.removals,
            ...(failed === null
              ? {}
              : {
                  unread: found.unread.map((each) => ({
                    organization: each.organization,
                    reason: reasonOf(each),
                  })),
                }),
            ...costJson(cost),
          });
        if (failed !== null) throw failed;
        return found.items.length === 0 ? EXIT.done : EXIT.changes;
      }),
    );
