import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import type { Complaint, Path } from './problem.js';
import { outOfBounds } from './yaml-bounds.js';

export interface Place {
  line: number;
  column: number;
}

/** A YAML text as a value, and where in the text each part of the value stands. */
export interface YamlSource {
  value: unknown;
  /** The place of a value or key; of what is nearest above it where it is missing. */
  locate(complaint: Pick<Complaint, 'path' | 'atKey'>): Place;
  /** What is wrong with the text as YAML. */
  errors: (Place & { text: string })[];
  /** Whether the value can be judged although there are errors. */
  readable: boolean;
}

const PLAIN: Record<string, string> = {
  MULTIPLE_DOCS:
    'more than one YAML document; a standards file is one (remove the "---" and put both under "organizations")',
  TAB_AS_INDENT: 'tabs cannot indent YAML; use spaces',
};

type Document = ReturnType<typeof parseDocument>;

/** The pairs of each map by key, made once: maps may have many keys, and many problems. */
const pairsOf = new WeakMap<YAMLMap, Map<string, Pair>>();

function pairsByKey(map: YAMLMap): Map<string, Pair> {
  let pairs = pairsOf.get(map);
  if (pairs === undefined) {
    pairs = new Map(
      map.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair]] : [])),
    );
    pairsOf.set(map, pairs);
  }
  return pairs;
}

/** The pair of a key, also where `<<` brings it in. */
function findPair(document: Document, map: YAMLMap, key: string): Pair | undefined {
  const own = pairsByKey(map).get(key);
  if (own !== undefined) return own;
  const merge = map.items.find((pair) => isScalar(pair.key) && pair.key.source === '<<');
  if (merge === undefined) return undefined;
  const value = resolve(document, merge.value as Node | null);
  for (const merged of isSeq(value) ? value.items : [value]) {
    const source = resolve(document, merged as Node | null);
    const found = isMap(source) ? findPair(document, source, key) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Keys that stand twice in a map. The parser's own check takes time quadratic in the number of keys. */
function duplicateKeys(document: Document): { offset: number; key: string }[] {
  const found: { offset: number; key: string }[] = [];
  visit(document, {
    Map(_key, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key) || key.source === '<<') continue;
        const name = String(key.value);
        if (seen.has(name)) found.push({ offset: key.range?.[0] ?? 0, key: name });
        seen.add(name);
      }
    },
  });
  return found;
}

function resolve(document: Document, node: Node | null | undefined): Node | null | undefined {
  return isAlias(node) ? node.resolve(document) : node;
}

function offsetOf(document: Document, path: Path, atKey: boolean): number {
  let node: Node | null | undefined = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const [index, part] of path.entries()) {
    const holder = resolve(document, node);
    if (isSeq(holder) && typeof part === 'number') node = holder.items[part] as Node | null | undefined;
    else if (isMap(holder)) {
      const pair = findPair(document, holder, String(part));
      const key = pair?.key as Node | undefined;
      if (key?.range) offset = key.range[0];
      node = pair?.value as Node | null | undefined;
      if (atKey && index === path.length - 1) return offset;
    } else return offset;
    if (!node) return offset;
    offset = node.range?.[0] ?? offset;
  }
  return offset;
}

/**
 * Reads one YAML 1.2 document; anchors and merge keys are resolved, expansion of aliases is bounded. Never throws for
 * what the text holds.
 */
export function readYaml(text: string): YamlSource {
  try {
    return read(text);
  } catch (error) {
    if (error instanceof RangeError) return tooDeep;
    throw error;
  }
}

function read(text: string): YamlSource {
  const counter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: counter,
    prettyErrors: false,
    uniqueKeys: false,
    merge: true,
    logLevel: 'error',
  });
  const place = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const found = [...document.errors, ...document.warnings];
  const errors = [
    ...found.map((error) => ({
      ...place(error.pos[0]),
      text: PLAIN[error.code] ?? `not valid YAML: ${error.message}`,
    })),
    ...duplicateKeys(document).map(({ offset, key }) => ({
      ...place(offset),
      text: `duplicate key ${JSON.stringify(key)}`,
    })),
  ];
  const locate = ({ path, atKey = false }: Pick<Complaint, 'path' | 'atKey'>): Place =>
    place(offsetOf(document, path, atKey));
  const unreadable = (more: YamlSource['errors'] = []): YamlSource => ({
    value: undefined,
    locate,
    errors: [...errors, ...more],
    readable: false,
  });
  if (found.length > 0) return unreadable();
  try {
    const value = document.toJS() as unknown;
    const out = outOfBounds(value);
    if (out !== null) return unreadable([{ ...locate(out), text: out.text }]);
    return { value, locate, errors, readable: true };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return unreadable([{ ...place(0), text: `not valid YAML: ${reason}` }]);
  }
}

/** One whose nesting is deeper than the parser can follow. */
const tooDeep: YamlSource = {
  value: undefined,
  locate: () => ({ line: 1, column: 1 }),
  errors: [{ line: 1, column: 1, text: 'nested too deeply to be read' }],
  readable: false,
};
