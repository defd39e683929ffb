import { CancellationScope, isCancellation, scheduleActivity, sleep } from '@temporalio/workflow';
import { itemPorts } from '../../src/workflows/item-ports.js';
import type { ModelInput, ParkedInput } from './contract.js';
import type { Traced } from './trace.js';
import { runTransaction } from './transaction.js';

/** Runs a tree with the product's engine, calls and ports, and gives what was seen. */
export async function modelTransaction({
  settings,
  sabotage,
  pauseMs,
  ...scenario
}: ModelInput): Promise<Traced> {
  const asked: string[] = [];
  const ports = itemPorts(
    { item: 'model/model', settings },
    {},
    {
      changed: () => undefined,
      waiting: () => undefined,
      parked: async ({ step }) => {
        asked.push(step);
        const input: ParkedInput = { step, nth: asked.filter((one) => one === step).length - 1 };
        await scheduleActivity('parked', [input], {
          startToCloseTimeout: '10s',
          retry: { initialInterval: 20, backoffCoefficient: 1 },
        });
      },
    },
  );
  return runTransaction(scenario, ports, {
    pause: () => sleep(pauseMs),
    isCancellation,
    shielded: (work) => CancellationScope.nonCancellable(work),
    sabotage,
  });
}
