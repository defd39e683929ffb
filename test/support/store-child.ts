import { openStore } from '../../src/store/open.js';
import { anIntent } from './an-intent.js';

/**
 * A process that writes to a store: `STORE` holds the options, `WRITER` its name, `COUNT` how many records. Prints the id
 * of each record once its intent is durable, one a line, and `failed:` with the reason when it cannot go on.
 */
const writer = process.env['WRITER'] ?? '';
const count = Number(process.env['COUNT']);

try {
  const store = await openStore(JSON.parse(process.env['STORE'] ?? '{}'));
  await store.acquireLock('acme', 'r1', writer);
  // Two chains of writes at once, each in order: as two steps of an item have them.
  await Promise.all(
    ['a', 'b'].map(async (step) => {
      for (let attempt = 0; attempt < count; attempt++) {
        const id = await store.intend(anIntent({ item: `acme/${writer}`, step, attempt }));
        process.stdout.write(`${id}\n`);
        await store.conclude(id, 'applied', { requestId: `${writer}-${step}-${attempt}` });
      }
    }),
  );
  await store.close();
} catch (error) {
  process.stdout.write(`failed: ${error instanceof Error ? error.message : 'no error'}\n`);
  process.exitCode = 1;
}
