import { z } from 'zod';
import type { Json } from '../standards/model.js';
import type { Found, LeftAlone } from './connector.js';
import { ConnectorError, refusal } from './errors.js';

/** As JSON takes it: fields that are undefined fall away. */
const value = z.custom<Json>((said) => said !== undefined, 'there is none');
const FOUND = z.discriminatedUnion('state', [
  z.object({ state: z.literal('absent') }),
  z.object({ state: z.literal('ours'), result: value }),
  z.object({ state: z.literal('partial'), what: z.string() }),
  z.object({ state: z.literal('foreign'), what: z.string() }),
]);
const LEFT = z.object({
  conflicts: z.array(z.object({ field: z.string(), wrote: value, found: value })).default([]),
});

const complaintsOf = ({ issues }: z.ZodError): string =>
  issues.map(({ path, message }) => [...path.map(String), message].join(': ')).join('; ');

/** What a connector's `inspect` said, where it is an answer. @throws ConnectorError refused: it would say the same again */
export function checkedFound(connector: string, said: unknown): Found {
  const checked = FOUND.safeParse(said);
  if (checked.success) return checked.data;
  throw refusal(
    `${connector}: inspect gave no answer that the connector interface knows (${complaintsOf(checked.error)}); its code is to be mended`,
    'invalid',
  );
}

/** What a connector's `compensate` left alone; one that says nothing left nothing. @throws ConnectorError unknown: it may have had its effect */
export function checkedLeft(connector: string, said: unknown): { conflicts: LeftAlone[] } {
  const checked = LEFT.safeParse(said ?? {});
  if (checked.success) return checked.data;
  throw new ConnectorError(
    `${connector}: compensate gave no answer that the connector interface knows (${complaintsOf(checked.error)}); its code is to be mended`,
    { kind: 'unknown' },
  );
}
