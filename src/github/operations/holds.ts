import { isObject, sameJson } from '../../standards/json.js';
import type { Json } from '../../standards/model.js';
import type { Operation } from './operation.js';

/** Whether what is there is what was wanted, also where GitHub has added to it. */
export function holds({ over }: Pick<Operation, 'over'>, found: Json, wanted: Json): boolean {
  const whole = isObject(found) && isObject(wanted) ? over?.(found, wanted) : undefined;
  return sameJson(whole ?? wanted, found);
}
