import { byText } from '../../standards/json.js';
import type { Permission } from '../../standards/model.js';

/** A repository that a team has access to. */
export interface TeamEdge {
  cursor: string;
  id: string;
  name: string;
  permission: Permission | null;
}

export interface TeamWindow {
  edges: TeamEdge[];
  /** Whether the team has more behind these. */
  more: boolean;
}

export type TeamJoin =
  /** `consumed`: cursor of the last edge that no later page needs; null: the same as before. */
  | { verdict: 'joined'; permissions: Map<string, Permission>; consumed: string | null; end: boolean }
  /** Edges behind these may belong to the page. */
  | { verdict: 'more' }
  /** The lists do not follow one order, so a window says nothing about what is behind it. */
  | { verdict: 'unsorted' };

type Order = (left: string, right: string) => number;

const english = new Intl.Collator('en');
const lenient = new Intl.Collator('en', { ignorePunctuation: true });
/** How GitHub may order names; which it is, is not documented. Those that contradict what is seen are left out. */
const ORDERS: readonly Order[] = [
  (left, right) => byText(left.toUpperCase(), right.toUpperCase()),
  (left, right) => byText(left.toLowerCase(), right.toLowerCase()),
  byText,
  (left, right) => english.compare(left, right),
  (left, right) => lenient.compare(left, right),
];

/**
 * Joins one page of an organisation's repositories with a window of a team's, both in the same order, by id.
 * The order itself is not trusted: where it cannot be told, the answer is to look further, never a permission less.
 */
export function joinTeam(page: readonly { id: string; name: string }[], window: TeamWindow): TeamJoin {
  const { edges, more } = window;
  const places = new Map(page.map(({ id }, index) => [id, index]));
  const matches = edges.flatMap((edge, index) => {
    const place = places.get(edge.id);
    return place === undefined ? [] : [{ edge, index, place }];
  });
  const orders = ORDERS.filter((order) => isSorted(page, order) && isSorted(edges, order));
  const inStep = matches.every(
    ({ place }, index) => index === 0 || place > (matches[index - 1]?.place ?? -1),
  );
  if (orders.length === 0 || !inStep) return { verdict: 'unsorted' };
  if (more && matches.length < page.length && !reachesBehind(page, edges, places, orders))
    return { verdict: 'more' };
  const last = matches.at(-1);
  return {
    verdict: 'joined',
    permissions: permissionsOf(edges, places),
    consumed: last?.edge.cursor ?? null,
    end: !more && (last?.index ?? -1) === edges.length - 1,
  };
}

/** The permissions of a page by repository id, from all of a team's edges, in whatever order. */
export function permissionsOf(
  edges: readonly TeamEdge[],
  page: { has(id: string): boolean },
): Map<string, Permission> {
  return new Map(
    edges.flatMap(({ id, permission }) => (page.has(id) && permission !== null ? [[id, permission]] : [])),
  );
}

/** Whether the last edge is the page's last repository, or behind it by every order that is left. */
function reachesBehind(
  page: readonly { id: string; name: string }[],
  edges: readonly TeamEdge[],
  places: ReadonlyMap<string, number>,
  orders: readonly Order[],
): boolean {
  const edge = edges.at(-1);
  const end = page.at(-1);
  if (edge === undefined || end === undefined) return false;
  if (places.has(edge.id)) return edge.id === end.id;
  return orders.every((order) => order(edge.name, end.name) > 0);
}

function isSorted(list: readonly { name: string }[], order: Order): boolean {
  return list.every(({ name }, index) => index === 0 || order(list[index - 1]?.name ?? '', name) <= 0);
}
