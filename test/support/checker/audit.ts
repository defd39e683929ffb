import type { EffectEntry, JournalEntry } from '../../../src/dev/github/index.js';
import { rowsIn, type StorePlace } from '../stored.js';
import { effectsOn } from './writes.js';

/** An intent as it stands in the store, with the outcome that settled it, or null. */
export interface AuditRow {
  id: number;
  run: string;
  organization: string;
  item: string;
  direction: string;
  kind: string;
  key: string;
  owner: string;
  name: string;
  from_value: string;
  to_value: string;
  intended_at: number;
  outcome: string | null;
  request_id: string | null;
  concluded_at: number | null;
}

/** Reads the rows of an organisation by plain SQL. */
export function readAudit(store: StorePlace, login: string): AuditRow[] {
  const field = (column: string, name: string): string =>
    'url' in store ? `cast(r.${column} as json) ->> '${name}'` : `json_extract(r.${column}, '$.${name}')`;
  return rowsIn(
    store,
    `select r.id, r.run, r.organization, r.item, r.direction,
            ${field('change', 'kind')} as kind, ${field('change', 'key')} as key,
            ${field('target', 'owner')} as owner, ${field('target', 'name')} as name,
            r.from_value, r.to_value, r.intended_at, c.outcome, c.request_id, c.concluded_at
     from records r left join conclusions c on c.record = r.id and c.settled = 1
     where r.organization = '${login}' order by r.id`,
  ) as AuditRow[];
}

interface Judged {
  login: string;
  entries: readonly JournalEntry[];
  audit: readonly AuditRow[] | null;
  earlier?: readonly AuditRow[];
}

/** Which part of GitHub an effect changed, as `kind owner/name key`. Null: it comes with another effect. */
function partOf({ kind, target, repository, organization, after }: EffectEntry): string | null {
  const owner = `${organization}/`;
  const rest = repository === undefined ? '' : target.slice(repository.length + 1);
  const [slug = '', , member = ''] = target.split('/').slice(2);
  switch (kind) {
    case 'organization.update':
      return `organization_settings ${owner} `;
    case 'repository.update':
      return `repository_settings ${repository} `;
    case 'repository.topics':
      return `topics ${repository} `;
    case 'branch_protection.put':
    case 'branch_protection.delete':
      return `branch_protection ${repository} ${rest.slice('protection/'.length)}`;
    case 'team_repository.put':
    case 'team_repository.delete':
      return `team_repository ${repository} ${slug}`;
    case 'label.create':
    case 'label.update':
    case 'label.delete':
      return `label ${repository} ${rest.slice('labels/'.length)}`;
    case 'team.create':
    case 'team.delete':
      return `team ${owner} ${slug}`;
    case 'team.update':
      return `team_settings ${owner} ${slug}`;
    case 'team_membership.put':
    case 'team_membership.delete':
      return `team_member ${owner} ${slug}/${member}`;
    case 'commit.create':
      return `file ${repository} ${Object.keys(after ?? {}).join()}`;
    case 'invitation.create':
      return null;
    default:
      return `${kind} ${target}`;
  }
}

const partOfRow = ({ kind, owner, name, key }: AuditRow): string => `${kind} ${owner}/${name} ${key}`;

/** GitHub's request id holds the journal's number of the request. */
const requestOf = (id: string): number => Number.parseInt(id.split(':')[1] ?? '', 16);

/** Intents and outcomes against effects, one to one. */
export function auditFindings({ login, entries, audit, earlier = [] }: Judged): string[] {
  if (audit === null) return [];
  const effects = effectsOn(login, entries);
  return [...counts(effects, audit), ...timely(effects, audit, earlier), ...requestIds(effects, audit)];
}

function grouped<T>(items: readonly T[], key: (item: T) => string | null): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = key(item);
    if (name !== null) groups.set(name, [...(groups.get(name) ?? []), item]);
  }
  return groups;
}

function counts(effects: readonly EffectEntry[], audit: readonly AuditRow[]): string[] {
  const changed = grouped(
    effects.filter((effect) => effect.changed),
    partOf,
  );
  const applied = grouped(
    audit.filter(({ outcome }) => outcome === 'applied'),
    partOfRow,
  );
  return [...new Set([...changed.keys(), ...applied.keys()])].flatMap((part) => {
    const seen = changed.get(part)?.length ?? 0;
    const recorded = applied.get(part)?.length ?? 0;
    return seen === recorded
      ? []
      : [`audit: ${part.trim()}: ${seen} effects on GitHub, ${recorded} recorded as applied`];
  });
}

function timely(
  effects: readonly EffectEntry[],
  audit: readonly AuditRow[],
  earlier: readonly AuditRow[],
): string[] {
  const intents = grouped(audit, partOfRow);
  const before = grouped(earlier, partOfRow);
  return effects.flatMap((effect) => {
    const part = partOf(effect);
    if (part === null) return [];
    const rows = [...(intents.get(part) ?? []), ...(effect.changed ? [] : (before.get(part) ?? []))];
    const first = Math.min(...rows.map(({ intended_at: at }) => at));
    return first <= effect.at ? [] : [`audit: ${part.trim()}: an effect without an intent before it`];
  });
}

function requestIds(effects: readonly EffectEntry[], audit: readonly AuditRow[]): string[] {
  const byRequest = grouped(effects, ({ request }) => String(request));
  return audit.flatMap((row) => {
    if (row.outcome !== 'applied' || row.request_id === null) return [];
    const part = partOfRow(row);
    const effect = byRequest.get(String(requestOf(row.request_id)))?.find((one) => partOf(one) === part);
    if (effect === undefined) return [`audit: ${part.trim()}: request ${row.request_id} had no such effect`];
    if (row.intended_at > effect.at || (row.concluded_at ?? 0) < effect.at)
      return [`audit: ${part.trim()}: request ${row.request_id} is not between intent and outcome`];
    return valueFinding(part, row, effect);
  });
}

/** Of values that are one word on both sides: the record says what was there and what came, unless a late call came between. */
function valueFinding(part: string, row: AuditRow, effect: EffectEntry): string[] {
  if (row.kind !== 'team_repository' || !effect.changed) return [];
  const said = [JSON.parse(row.from_value), JSON.parse(row.to_value)];
  const seen = [effect.before, effect.after];
  return JSON.stringify(said) === JSON.stringify(seen)
    ? []
    : [`audit: ${part}: recorded ${JSON.stringify(said)}, seen ${JSON.stringify(seen)}`];
}
