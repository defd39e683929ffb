import { z } from 'zod';
import type { JsonObject } from '../../standards/model.js';
import { type ConnectorContext, defineConnector, type LeftAlone } from '../connector.js';
import { refusal } from '../errors.js';
import { type Fields, fields, nameOf, text } from '../fields.js';
import { changedSettings, settingsOf } from './settings.js';

const options = z.strictObject({
  organization: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, { error: "must be the slug of Buildkite's organisation" })
    .describe("Slug of Buildkite's organisation."),
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/, { error: 'must be letters, digits and hyphens' })
    .exactOptional()
    .describe("Of the pipeline; the repository's name unless given."),
  repository: z
    .string()
    .min(1)
    .exactOptional()
    .describe('Where to clone from; by SSH from GitHub unless given.'),
  configuration: z.string().min(1).describe("The pipeline's steps, YAML as Buildkite reads it."),
  default_branch: z.string().min(1).default('main'),
  description: z.string().max(255).default(''),
  cluster_id: z.string().min(1).exactOptional().describe('Needed where the organisation has clusters.'),
});

type Options = z.output<typeof options>;
type Pipeline = {
  id: string;
  slug: string;
  url: string;
  web_url: string;
  badge_url: string;
  /** As creation answered; empty where that answer was lost. */
  settings: JsonObject;
};

/** Pipelines of a page: the most that Buildkite gives. */
const PAGE = 100;
/** How many pages are looked through. */
const PAGES = 100;

/** A pipeline by Buildkite's REST API v2. Its configuration begins with a comment that says whose it is. */
export const buildkite = defineConnector<Options, Pipeline>({
  name: 'buildkite',
  description: 'a Buildkite pipeline',
  options,
  address: { variable: 'BUILDKITE_API_URL', byDefault: 'https://api.buildkite.com' },
  credentials: [['BUILDKITE_API_TOKEN']],
  idempotent: false,

  async forward(context, asked) {
    const { http } = context;
    const { data } = await http.send({
      method: 'POST',
      path: pipelines(asked),
      headers: authorization(context),
      body: { ...wanted(context, asked), ...sentSettings(context, asked) },
    });
    const made = fields(data);
    return { ...links(made), settings: settingsOf(made) };
  },

  async inspect(context, asked) {
    const found = await pipelineOf(context, asked);
    if (found === null) return { state: 'absent' };
    if (isMarked(context, found))
      // What is there by now may be somebody else's doing, and is no measure of how it was made.
      return { state: 'ours', result: { ...links(found), settings: {} } };
    return {
      state: 'foreign',
      what: `a pipeline ${asked.organization}/${text(found['slug'])} (${text(found['web_url'])})`,
    };
  },

  async compensate(context, asked, result) {
    const found = await pipelineOf(context, asked);
    if (found === null) return { conflicts: [] };
    const texts: LeftAlone[] = Object.entries(wanted(context, asked)).flatMap(([field, wrote]) => {
      const now = text(found[field]);
      return now === wrote ? [] : [{ field, wrote, found: now }];
    });
    // Results of earlier versions have no settings.
    const settings = changedSettings(found, sentSettings(context, asked), result?.settings ?? {});
    const conflicts = [...texts, ...settings].map((one) => ({
      ...one,
      field: `pipeline ${text(found['slug'])}: ${one.field}`,
    }));
    if (conflicts.length === 0)
      await context.http.send({
        method: 'DELETE',
        path: `${pipelines(asked)}/${encodeURIComponent(text(found['slug']))}`,
        headers: authorization(context),
        accept: [404],
      });
    return { conflicts };
  },
});

const authorization = (context: ConnectorContext) => ({
  authorization: `Bearer ${context.credential('BUILDKITE_API_TOKEN')}`,
});

const pipelines = ({ organization }: Options): string =>
  `/v2/organizations/${encodeURIComponent(organization)}/pipelines`;

const mark = ({ key }: ConnectorContext): string => `# orgsaga ${key}\n`;

const isMarked = (context: ConnectorContext, { configuration }: Fields): boolean =>
  text(configuration).startsWith(mark(context));

const nameFor = ({ repository }: ConnectorContext, { name }: Options): string =>
  name ?? hyphenated(nameOf(repository));

/**
 * Sent, because Buildkite would else make one of the name by its own rule, and where the answer is lost a guess of that could not
 * be told from a slug that somebody has changed since.
 */
const slugOf = (context: ConnectorContext, asked: Options): string =>
  hyphenated(nameFor(context, asked)).toLowerCase();

const hyphenated = (name: string): string => name.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '');

function wanted(context: ConnectorContext, asked: Options): Record<string, string> {
  return {
    name: nameFor(context, asked),
    repository: asked.repository ?? `git@github.com:${context.repository}.git`,
    configuration: `${mark(context)}${asked.configuration}`,
  };
}

function sentSettings(context: ConnectorContext, asked: Options): JsonObject {
  const { default_branch, description, cluster_id } = asked;
  return {
    slug: slugOf(context, asked),
    default_branch,
    description,
    ...(cluster_id === undefined ? {} : { cluster_id }),
  };
}

/**
 * The pipeline with our mark, or what stands in its place. Buildkite lets people change a slug, also to give the old one to
 * another pipeline, so a pipeline that is not where it was made is looked for among all of the organisation.
 */
async function pipelineOf(context: ConnectorContext, asked: Options): Promise<Fields | null> {
  const { status, data } = await context.http.send({
    method: 'GET',
    path: `${pipelines(asked)}/${slugOf(context, asked)}`,
    headers: authorization(context),
    accept: [404],
  });
  const there = status === 404 ? null : fields(data);
  return there !== null && isMarked(context, there) ? there : ((await marked(context, asked)) ?? there);
}

async function marked(context: ConnectorContext, asked: Options): Promise<Fields | null> {
  for (let page = 1; page <= PAGES; page += 1) {
    const { data } = await context.http.send({
      method: 'GET',
      path: `${pipelines(asked)}?per_page=${PAGE}&page=${page}`,
      headers: authorization(context),
    });
    const some = Array.isArray(data) ? data.map(fields) : [];
    const found = some.find((pipeline) => isMarked(context, pipeline));
    if (found !== undefined) return found;
    if (some.length < PAGE) return null;
  }
  throw refusal(
    `Buildkite: ${asked.organization} has more than ${PAGES * PAGE} pipelines, so whether one is ours was not found out; delete it by hand`,
  );
}

const links = (pipeline: Fields): Omit<Pipeline, 'settings'> => ({
  id: text(pipeline['id']),
  slug: text(pipeline['slug']),
  url: text(pipeline['url']),
  web_url: text(pipeline['web_url']),
  badge_url: text(pipeline['badge_url']),
});
