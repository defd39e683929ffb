import type { PageCursor, RepositoryNeeds, RepositoryPage } from '../../standards/model.js';
import type { GitHubClient } from '../client.js';
import { readRepositoryPage } from './index.js';

/**
 * All repositories of an organisation, page by page: holds one page at a time, so its memory does not grow with the organisation.
 * @param size repositories in a page, at most
 * @throws GitHubError as {@link readRepositoryPage}
 */
export async function* readPages(
  github: GitHubClient,
  login: string,
  needs: RepositoryNeeds,
  size: number,
): AsyncGenerator<RepositoryPage, void, void> {
  let cursor: PageCursor | null = null;
  do {
    const page: RepositoryPage = await readRepositoryPage(github, login, needs, cursor, size);
    yield page;
    cursor = page.next;
  } while (cursor !== null);
}
