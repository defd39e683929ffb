import { executeChild, proxyActivities } from '@temporalio/workflow';
import { pool } from '../../workflows/pool.js';

const { nothing } = proxyActivities<{ nothing(): Promise<void> }>({ startToCloseTimeout: '1 minute' });

/** What a changed repository costs Temporal at the least: a workflow with so many activities side by side, which do nothing. */
export async function bareChild(activities: number): Promise<void> {
  await Promise.all(Array.from({ length: activities }, () => nothing()));
}

/** Runs `children` of them, `atOnce` at once, as a page does with its repositories. */
export async function bareParent(children: number, atOnce: number, activities: number): Promise<void> {
  let left = children;
  await pool(
    atOnce,
    () => (left > 0 ? left-- : null),
    () => executeChild(bareChild, { args: [activities] }),
  );
}
