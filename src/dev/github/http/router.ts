import type { Route } from '../rest/types.js';

interface Node {
  literals: Map<string, Node>;
  parameter: Node | null;
  /** By method, with the names of the parameters in order. */
  routes: Map<string, { route: Route; names: string[] }>;
  rest: Map<string, { route: Route; names: string[] }>;
}

export interface Match {
  route: Route;
  params: Record<string, string>;
}

const node = (): Node => ({ literals: new Map(), parameter: null, routes: new Map(), rest: new Map() });

/** A trie of path templates: literal segments win over parameters, parameters over a rest. */
export class Router {
  readonly #root = node();

  constructor(routes: readonly Route[]) {
    for (const route of routes) this.#add(route);
  }

  #add(route: Route): void {
    let at = this.#root;
    const names: string[] = [];
    for (const segment of route.template.split('/').filter((part) => part !== '')) {
      const name = /^\{(\w+)(\+?)\}$/.exec(segment);
      if (name === null) {
        const next = at.literals.get(segment) ?? node();
        at.literals.set(segment, next);
        at = next;
        continue;
      }
      names.push(name[1] ?? '');
      if (name[2] === '+') {
        at.rest.set(route.method, { route, names });
        return;
      }
      at.parameter ??= node();
      at = at.parameter;
    }
    at.routes.set(route.method, { route, names });
  }

  /** The route of a method and an encoded path, or null. Throws URIError where the path is not well encoded. */
  match(method: string, path: string): Match | null {
    const segments = path.split('/').filter((part) => part !== '');
    const found = this.#walk(this.#root, method === 'HEAD' ? 'GET' : method, segments, 0, []);
    if (found === null) return null;
    const { route, names, values } = found;
    return { route, params: Object.fromEntries(names.map((name, index) => [name, values[index] ?? ''])) };
  }

  #walk(
    at: Node,
    method: string,
    segments: readonly string[],
    index: number,
    values: readonly string[],
  ): { route: Route; names: string[]; values: readonly string[] } | null {
    const segment = segments[index];
    if (segment === undefined) {
      const end = at.routes.get(method);
      return end === undefined ? null : { ...end, values };
    }
    const literal = at.literals.get(segment);
    const byLiteral = literal && this.#walk(literal, method, segments, index + 1, values);
    if (byLiteral) return byLiteral;
    const byParameter =
      at.parameter &&
      this.#walk(at.parameter, method, segments, index + 1, [...values, decodeURIComponent(segment)]);
    if (byParameter) return byParameter;
    const rest = at.rest.get(method);
    if (rest === undefined) return null;
    const tail = segments.slice(index).map(decodeURIComponent).join('/');
    return { ...rest, values: [...values, tail] };
  }
}
