import { entry, isObject, sameJson } from './json.js';
import type { Change, Json, PlannedItem } from './model.js';

/** One field that changes; null where it is not there. */
export interface PlanField {
  step: string;
  kind: Change['kind'];
  action: Change['action'];
  /** Dotted path inside what the step changes; empty for the whole of it. */
  field: string;
  before: Json;
  after: Json;
}

/** A planned item as `plan --json` has it. Keys may be added to it, never changed. */
export interface PlanJson {
  organization: string;
  /** `owner/name`, `owner/settings` or `owner/teams/slug`. */
  item: string;
  action: Change['action'];
  changes: PlanField[];
}

/** Colours; picocolors has this shape. */
export interface PlanTheme {
  green(text: string): string;
  yellow(text: string): string;
  red(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
}

/** The parts of a value that differ, as deep as both sides are objects. */
function differences(
  before: Json,
  after: Json,
  path: string,
): Pick<PlanField, 'field' | 'before' | 'after'>[] {
  if (sameJson(before, after)) return [];
  if (!isObject(before) || !isObject(after)) return [{ field: path, before, after }];
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return fields.flatMap((field) =>
    differences(
      entry(before, field) ?? null,
      entry(after, field) ?? null,
      path === '' ? field : `${path}.${field}`,
    ),
  );
}

/** Field by field what a change does; at least one. */
export function planFields(change: Change): PlanField[] {
  const { step, kind, action, before, after } = change;
  const found = differences(before, after, '');
  const fields = found.length === 0 ? [{ field: '', before, after }] : found;
  return fields.map(({ field, ...values }) => ({ step, kind, action, field, ...values }));
}

/** What happens to the item as a whole: only a team is made or removed, everything else is changed. */
function actionOf(item: PlannedItem): Change['action'] {
  return item.changes.find((change) => change.kind === 'team')?.action ?? 'update';
}

/** Planned items as stable JSON, in the order given. */
export function planJson(items: readonly PlannedItem[]): PlanJson[] {
  return items.map((item) => ({
    organization: item.target.owner,
    item: item.item,
    action: actionOf(item),
    changes: item.changes.flatMap(planFields),
  }));
}

const SIGNS = { create: '+', update: '~', delete: '-' } as const;
const COLORS = { create: 'green', update: 'yellow', delete: 'red' } as const;

/** A value on one line, without what could take over a terminal; a long one is cut. */
function show(value: Json): string {
  const text = value === null ? '(none)' : JSON.stringify(value);
  const safe = text.replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '?');
  return safe.length > 200 ? `${safe.slice(0, 199)}…` : safe;
}

function changeLines(change: Change, theme: PlanTheme): string[] {
  const color = (text: string): string => theme[COLORS[change.action]](text);
  const proposed = change.via === 'pull_request' ? theme.dim(' (proposed in a pull request)') : '';
  const sign = SIGNS[change.action];
  const fields = planFields(change);
  const [only] = fields;
  if (fields.length === 1 && only?.field === '') {
    const values =
      change.action === 'create'
        ? show(only.after)
        : change.action === 'delete'
          ? theme.dim(show(only.before))
          : `${theme.dim(show(only.before))} -> ${show(only.after)}`;
    return [`  ${color(`${sign} ${change.step}`)}: ${values}${proposed}`];
  }
  return [
    `  ${color(`${sign} ${change.step}`)}${proposed}`,
    ...fields.map(
      ({ field, before, after }) => `      ${field}: ${theme.dim(show(before))} -> ${show(after)}`,
    ),
  ];
}

/** Planned items as lines for a terminal: `+` made, `~` changed, `-` removed, and each field before -> after. */
export function renderPlan(items: readonly PlannedItem[], theme: PlanTheme): string[] {
  return items.flatMap((item) => {
    const action = actionOf(item);
    return [
      theme[COLORS[action]](`${SIGNS[action]} ${theme.bold(item.item)}`),
      ...item.changes.flatMap((change) => changeLines(change, theme)),
    ];
  });
}
