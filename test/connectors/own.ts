import { z } from 'zod';
import type { Connector, Found } from '../../src/connectors/connector.js';
import { ConnectorError } from '../../src/connectors/errors.js';
import type { Json } from '../../src/standards/model.js';

/** A connector of one's own and the system behind it, which makes things that are numbered. */
export class OwnSystem {
  /** What stands there, as `inspect` tells of it. */
  found: Found = { state: 'absent' };
  made = 0;
  /** What `compensate` was given, call by call. */
  readonly undone: { options: unknown; result: Json | null }[] = [];
  /** Whether the next write's answer is lost, and whether it was carried out all the same. */
  lose: 'applied' | 'unsent' | null = null;

  readonly connector: Connector = {
    name: 'own',
    description: 'things that are numbered',
    options: z.strictObject({ of: z.string().optional() }),
    address: { variable: 'OWN_URL', byDefault: 'http://127.0.0.1:9' },
    credentials: [],
    idempotent: false,
    forward: async () => {
      if (this.lose !== 'unsent') this.found = { state: 'ours', result: { number: (this.made += 1) } };
      this.answer();
      return { number: this.made };
    },
    inspect: async () => this.found,
    compensate: async (_context, options, result) => {
      this.undone.push({ options, result });
      if (this.lose !== 'unsent') this.found = { state: 'absent' };
      this.answer();
      return { conflicts: [] };
    },
  };

  private answer(): void {
    const lost = this.lose !== null;
    this.lose = null;
    if (lost) throw new ConnectorError('the answer was lost', { kind: 'unknown' });
  }
}
