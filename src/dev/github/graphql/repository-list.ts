import type { Repository } from '../state/model.js';
import { fold } from '../state/state.js';
import { connection } from './connection.js';
import type { Context } from './context.js';

type Arguments = Record<string, unknown>;

const KEYS: Readonly<Record<string, (repository: Repository) => string>> = {
  NAME: (repository) => fold(repository.name),
  CREATED_AT: (repository) => `${repository.created_at} ${String(repository.id).padStart(12, '0')}`,
  UPDATED_AT: (repository) => `${repository.updated_at} ${String(repository.id).padStart(12, '0')}`,
  PUSHED_AT: (repository) => `${repository.pushed_at} ${String(repository.id).padStart(12, '0')}`,
};

function wanted(args: Arguments): ((repository: Repository) => boolean) | null {
  const tests: ((repository: Repository) => boolean)[] = [];
  const same = (name: string, value: (repository: Repository) => unknown): void => {
    const asked = args[name];
    if (asked !== undefined && asked !== null) tests.push((repository) => value(repository) === asked);
  };
  same('isArchived', (repository) => repository.settings['archived']);
  same('isFork', () => false);
  same('isLocked', () => false);
  same('hasIssuesEnabled', (repository) => repository.settings['has_issues']);
  same('visibility', (repository) => String(repository.settings['visibility']).toUpperCase());
  same('privacy', (repository) => (repository.settings['visibility'] === 'public' ? 'PUBLIC' : 'PRIVATE'));
  return tests.length === 0 ? null : (repository) => tests.every((test) => test(repository));
}

/** Repositories, given by name, as a connection by the order and the filters asked for. */
export function listRepositories(
  byName: readonly Repository[],
  args: Arguments,
  edge?: (repository: Repository) => Record<string, unknown>,
): unknown {
  const order = args['orderBy'] as { field: string; direction: string } | null | undefined;
  const field = order?.field ?? 'CREATED_AT';
  const key = KEYS[field] ?? KEYS['CREATED_AT'];
  const descending = order?.direction === 'DESC';
  const test = wanted(args);
  let list = test === null ? byName : byName.filter(test);
  if (field !== 'NAME' && key !== undefined) list = list.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  if (descending) list = list.toReversed();
  return connection(list, args, {
    descending,
    ...(key === undefined ? {} : { key }),
    ...(edge === undefined ? {} : { edge }),
  });
}

/** The repository of that name, or of that former name where renames are followed; undefined where there is none. */
export function foundRepository(
  context: Context,
  owner: string,
  name: string,
  follow: boolean,
): Repository | undefined {
  const { state } = context;
  const present = state.organizations.get(fold(owner))?.repositories.get(fold(name));
  return present ?? (follow ? state.renamed(owner, name) : undefined);
}
