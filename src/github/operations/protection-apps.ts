import type { Json } from '../../standards/model.js';
import { object, objects, text } from '../json.js';
import type { OperationContext } from './operation.js';

/** Whether a protection has checks that are tied to an app, REST's -1 being any. */
export const namesApps = (body: Json): boolean =>
  objects(object(object(body)['required_status_checks'])['checks']).some(({ app_id }) => app_id !== -1);

/**
 * GraphQL's ids of apps by GitHub's number: those that the live rules tell, and those that the step has seen before and keeps. GraphQL
 * ties a check by such an id, and tells it nowhere but in a rule that names the app.
 */
export async function appsEverSeen(
  { apps }: OperationContext,
  live: ReadonlyMap<unknown, string>,
): Promise<Map<unknown, string>> {
  if (apps === undefined) return new Map(live);
  const kept = await apps.kept();
  const seen = Object.fromEntries([...live].map(([number, id]) => [String(number), id]));
  const all = { ...kept, ...seen };
  if (Object.keys(all).length > Object.keys(kept).length) await apps.keep(all);
  return new Map(Object.entries(all).map(([number, id]) => [Number(number), text(id)]));
}
