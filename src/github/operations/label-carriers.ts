import type { JsonObject, Target } from '../../standards/model.js';
import { issueKey } from '../../standards/repository-marker.js';
import { isRefused } from '../errors.js';
import { type Fields, objects, text, textOrNull } from '../json.js';
import type { OperationContext } from './operation.js';
import { repository } from './target.js';

const ROUTE = 'GET /repos/{owner}/{repo}';

/** GitHub gives no longer page. */
const PAGE = 100;

/** As many as a client reads of any list: a server that gives the same page again and again ends here. */
const MOST_PAGES = 1_000;

/** As many are named: a person is to see that there are some, and where. */
const MOST_NAMED = 5;

/**
 * Issues and pull requests that carry a label, newest first, in words; empty where none does. The first few are named. Issues that
 * the run itself has opened do not count.
 * @throws GitHubError
 */
export async function carriers(context: OperationContext, target: Target, label: string): Promise<string[]> {
  const at = { ...repository(target), state: 'all' };
  // GitHub takes a list of names, divided by commas, and knows no way to write one that has a comma in it.
  const named = label.includes(',') ? {} : { labels: label };
  const found = await lookedUp(context, `${ROUTE}/issues`, { ...at, ...named }, label).catch(
    (error: unknown) => {
      // Issues are switched off; pull requests, which have labels too, are not.
      if (isRefused(error, 410)) return lookedUp(context, `${ROUTE}/pulls`, at, label);
      throw error;
    },
  );
  return found.length > MOST_NAMED ? [...found.slice(0, MOST_NAMED), 'and more'] : found;
}

/** One page says it mostly, however many there are; no more are read than it takes. */
async function lookedUp(
  { github, run }: OperationContext,
  route: string,
  asked: JsonObject,
  label: string,
): Promise<string[]> {
  const others = (threads: Fields[]): string[] =>
    threads
      .filter((thread) => carries(thread, label) && issueKey(textOrNull(thread['body']), run) === null)
      .map(inWords);
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const threads = objects((await github.rest(route, { ...asked, per_page: PAGE, page })).data);
    const found = others(threads);
    if (found.length > 0 || threads.length < PAGE) return found;
  }
  return [];
}

/** Case does not count in a label's name. */
const carries = (thread: Fields, label: string): boolean =>
  objects(thread['labels']).some(({ name }) => text(name).toLowerCase() === label.toLowerCase());

function inWords(thread: Fields): string {
  const isPull = thread['pull_request'] !== undefined || thread['head'] !== undefined;
  return `${isPull ? 'pull request' : 'issue'} #${String(thread['number'])}`;
}
