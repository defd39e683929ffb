import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { isUnused } from './api/failures.js';
import { ApiError } from './errors.js';
import { SEARCH_ATTRIBUTES } from './workflows/search-attributes.js';

const KEYWORD = proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;
/** A server takes seconds until a new search attribute can be used; milliseconds. */
const USABLE_WITHIN = 30_000;

/**
 * Registers the search attributes that are missing and waits until they can be used.
 * @throws ApiError `search_attributes` with the command to run, where they may not be registered by us
 */
export async function ensureSearchAttributes(client: Client): Promise<void> {
  const names = Object.values(SEARCH_ATTRIBUTES).map(({ name }) => name);
  const { namespace } = client.options;
  const { operatorService } = client.connection;
  const missing = async (): Promise<string[]> => {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    return names.filter((name) => !(name in customAttributes));
  };
  if (await areUsable(client, names)) return;
  const absent = await missing();
  if (absent.length > 0) {
    try {
      const searchAttributes = Object.fromEntries(absent.map((name) => [name, KEYWORD]));
      await operatorService.addSearchAttributes({ namespace, searchAttributes });
    } catch (error) {
      // Two that start at once both register; the second is told that they exist.
      if ((await missing()).length > 0) throw refused(absent, namespace, error);
    }
  }
  for (const end = Date.now() + USABLE_WITHIN; !(await areUsable(client, names)); await delay(250)) {
    if (Date.now() > end) throw refused(names, namespace, 'they do not appear');
  }
}

/** A server lists what is registered at once, and takes it some seconds later: it reads its namespaces again now and then. */
async function areUsable(client: Client, names: readonly string[]): Promise<boolean> {
  const asked = names.map((name) => `${name} = "none"`).join(' AND ');
  try {
    await client.workflow.count(`WorkflowId = "none" AND ${asked}`);
    return true;
  } catch (error) {
    if (isUnused(error)) return false;
    throw error;
  }
}

function refused(names: string[], namespace: string, error: unknown): ApiError {
  const why = error instanceof Error ? error.message : String(error);
  const commands = names.map(
    (name) =>
      `temporal operator search-attribute create --namespace ${namespace} --name ${name} --type Keyword`,
  );
  return new ApiError(
    `Search attributes are missing in namespace ${namespace} and could not be registered (${why}). Run:\n  ${commands.join('\n  ')}`,
    'search_attributes',
  );
}
