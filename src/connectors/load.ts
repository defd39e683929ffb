import { pathToFileURL } from 'node:url';
import type { Connector } from './connector.js';
import { OURS } from './index.js';
import { type ConnectorRegistry, createRegistry, whyNoConnector } from './registry.js';

/**
 * Ours and those of the modules at these absolute paths, each the default export of its module.
 * @throws Error that names the file and says what is wrong with it
 */
export async function loadConnectors(paths: readonly string[]): Promise<ConnectorRegistry> {
  const others: Connector[] = [];
  for (const path of paths) others.push(await loadConnector(path));
  return createRegistry([...OURS, ...others]);
}

async function loadConnector(path: string): Promise<Connector> {
  let loaded: { default?: unknown };
  try {
    loaded = (await import(pathToFileURL(path).href)) as { default?: unknown };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The connector ${path} (key "connectors" of the configuration) cannot be loaded: ${reason}`,
      {
        cause: error,
      },
    );
  }
  const wrong = whyNoConnector(loaded.default);
  if (wrong !== null)
    throw new Error(
      `The default export of ${path} (key "connectors" of the configuration) is no connector: it ${wrong}. See docs/connectors.md.`,
    );
  return loaded.default as Connector;
}
