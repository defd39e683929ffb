import type { WorkflowExecutionInfo } from '@temporalio/client';
import { MEMO_ORGANIZATIONS } from '../workflows/ids.js';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes.js';

/** The organisations of a run: all by its memo; of a run of an earlier release the first, by its search attribute. */
export function organizationsIn({
  memo,
  typedSearchAttributes,
}: Pick<WorkflowExecutionInfo, 'memo' | 'typedSearchAttributes'>): string[] {
  const all = memo?.[MEMO_ORGANIZATIONS];
  if (Array.isArray(all) && all.length > 0) return all.map(String);
  const login = typedSearchAttributes.get(SEARCH_ATTRIBUTES.org);
  return login === undefined ? [] : [login];
}
