import type { GitHubClient } from '../github/client.js';
import { isRefused } from '../github/errors.js';
import { number, object, text, textOrNull } from '../github/json.js';
import { getOrNull } from '../github/read/rest-repository.js';
import type { JsonObject, Target } from '../standards/model.js';
import { checkFullName } from '../standards/schema/repository-file.js';
import { answering } from './answering.js';
import { refusedConnectors } from './connectors.js';
import type { ActivityDeps } from './deps.js';
import { supersedeLetters } from './letters.js';
import { madeBy, pinned, TAKEN_UP } from './made.js';
import { claim } from './run.js';
import type { CheckedSaga, OpenedSaga, SagaActivities, SagaCheck, SagaRecord } from './saga-interface.js';
import { keepTeam } from './teams.js';

/** What a saga asks of a worker beside its steps. */
export function sagaActivities(deps: ActivityDeps): SagaActivities {
  const { settings } = deps;
  return {
    openSaga: (input) => answering(settings, 'do', () => open(deps, input)),
    checkSaga: (input) =>
      answering(settings, 'do', () =>
        check(deps, deps.github(input.organization, { graphql: input.graphql }), input),
      ),
    recordSaga: (input) => answering(settings, 'do', () => record(deps, input)),
  };
}

async function open(
  deps: ActivityDeps,
  { run, saga }: Parameters<SagaActivities['openSaga']>[0],
): Promise<OpenedSaga> {
  const { store, settings } = deps;
  const { kind, organization, item, actor, key, hash, adopt = false, graphql, document } = saga;
  if (key !== null) {
    const claimed = await claim(deps, key, run, `${hash} ${item} ${String(adopt)}`);
    if (claimed !== null) return claimed;
  }
  await store.putDocument(hash, JSON.stringify(document));
  await store.saveRun({
    run,
    organizations: [organization],
    kind,
    actor,
    document: hash,
    options: { graphql, adopt, item },
    startedAt: (await store.getRun(run))?.startedAt ?? deps.now(),
    endedAt: null,
    state: 'Planning',
    totals: null,
  });
  return { opened: true, settings };
}

async function check(
  deps: Pick<ActivityDeps, 'connectors' | 'store'>,
  github: GitHubClient,
  input: SagaCheck,
): Promise<CheckedSaga> {
  const { organization: org, item, creates, adopt, visibility, teams } = input;
  const wrong = checkFullName(item);
  if (wrong !== null) return refused('invalid', `repository ${JSON.stringify(item)} ${wrong}`);
  const unable = refusedConnectors(deps, input.connectors);
  if (unable.length > 0) return refused('invalid', unable.join('\n'));
  if ((await getOrNull(github, 'GET /orgs/{org}', { org })) === null)
    return refused('failed', `there is no organisation ${org}, or the workers' token does not see it`);
  const found = await findRepository(github, item);
  if (found === 'former')
    return refused('exists', `${item} is the former name of another repository; choose another name`);
  if (found !== null && creates && !adopt)
    return refused(
      'exists',
      `${item} exists already (created ${found.created}); choose another name, or take it up with --adopt`,
    );
  if (found !== null && visibility !== undefined && found.visibility !== visibility)
    return refused(
      'exists',
      `${item} is ${found.visibility} and ${visibility} is asked for; --adopt does not change a repository's visibility: change it on GitHub first, or leave visibility out`,
    );
  if (found !== null && found.archived) return refused('invalid', `${item} is archived and takes no changes`);
  if (found === null && !creates) return refused('invalid', `there is no repository ${item}`);
  const missing: string[] = [];
  for (const slug of teams) {
    const team = await getOrNull(github, 'GET /orgs/{org}/teams/{team_slug}', { org, team_slug: slug });
    if (team === null) missing.push(`there is no team ${org}/${slug}`);
    else await keepTeam(deps, input.run, { org, slug, id: number(object(team)['id']) });
  }
  if (missing.length > 0) return refused('invalid', missing.join('\n'));
  if (found !== null && input.connectors.length > 0)
    await deps.store.saveStepResult(input.run, item, TAKEN_UP, found.told);
  return { ok: true, target: found?.target ?? null };
}

function refused(refusal: 'invalid' | 'exists' | 'failed', reason: string): CheckedSaga {
  return { ok: false, refusal, reason };
}

interface Found {
  target: Target;
  created: string;
  archived: boolean;
  visibility: string;
  /** For the steps of other systems. */
  told: JsonObject;
}

async function findRepository(github: GitHubClient, item: string): Promise<Found | 'former' | null> {
  const [owner = '', repo = ''] = item.split('/');
  try {
    const body = await getOrNull(github, 'GET /repos/{owner}/{repo}', { owner, repo });
    if (body === null) return null;
    const found = object(body);
    return {
      target: {
        owner: text(object(found['owner'])['login']) || owner,
        name: text(found['name']),
        id: number(found['id']),
        node_id: text(found['node_id']),
        default_branch: textOrNull(found['default_branch']),
      },
      created: text(found['created_at']),
      archived: found['archived'] === true,
      visibility: text(found['visibility']),
      told: {
        full_name: text(found['full_name']),
        html_url: text(found['html_url']),
        default_branch: textOrNull(found['default_branch']),
      },
    };
  } catch (error) {
    if (isRefused(error, 301)) return 'former';
    throw error;
  }
}

async function record(deps: ActivityDeps, input: SagaRecord): Promise<null> {
  const { run, organization, item, outcome, state, totals, ended } = input;
  const { store } = deps;
  if (outcome !== null) {
    const [owner = '', name = ''] = item.split('/');
    const planned = input.target ?? { owner, name, id: 0, node_id: '', default_branch: null };
    const target = pinned(planned, await madeBy(deps, run, item));
    await store.saveItems([{ run, organization, item, kind: 'repository', target, outcome, at: deps.now() }]);
    // What was kept of one that was stopped half-way has made nothing right.
    if (outcome === 'committed' && state === 'Committed')
      await supersedeLetters(deps, organization, run, [item]);
  }
  const known = await store.getRun(run);
  if (known !== null)
    await store.saveRun({ ...known, state, totals: { ...totals }, endedAt: ended ? deps.now() : null });
  return null;
}
