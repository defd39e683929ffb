import { Context } from '@temporalio/activity';
import { checkedFound, checkedLeft } from '../connectors/answers.js';
import type { Connector } from '../connectors/connector.js';
import { ConnectorError } from '../connectors/errors.js';
import { withCallContext } from '../github/call-context.js';

/** What is left of an activity to record what became of its calls: a tenth, at most so many milliseconds. */
const MARGIN_MS = 3_000;

/** How Temporal calls the end of a worker in an activity's cancel. */
const SHUTDOWN = 'WORKER_SHUTDOWN';

/**
 * The connector for the activity that begins now: what does not answer while the activity lasts, or until its worker is shut
 * down, is an unknown outcome. Nobody hears then how it ends, and its context sends nothing for it any more.
 */
export function boundedConnector(
  connector: Connector,
  settings: { activity: { start_to_close: number } },
): Connector {
  const { name, description, options, address, credentials, idempotent } = connector;
  // A run keeps the time-out it was begun with, also where the worker's configuration says another one by now.
  const lasts = Math.min(settings.activity.start_to_close, Context.current().info.startToCloseTimeoutMs);
  const until = performance.now() + lasts - Math.min(MARGIN_MS, lasts / 10);
  const within = <T>(act: string, work: () => Promise<T>): Promise<T> =>
    answered(`${name}: ${act}`, until, work);
  return {
    name,
    description,
    options,
    address,
    credentials,
    idempotent,
    forward: (...given) => within('forward', () => connector.forward(...given)),
    inspect: async (...given) =>
      checkedFound(name, await within('inspect', () => connector.inspect(...given))),
    compensate: async (...given) =>
      checkedLeft(name, await within('compensate', () => connector.compensate(...given))),
  };
}

/** @throws ConnectorError where the work has not ended by `until`, on the clock of `performance`, or when the worker is shut down */
async function answered<T>(what: string, until: number, work: () => Promise<T>): Promise<T> {
  const { cancellationSignal } = Context.current();
  const began = performance.now();
  if (began >= until || isShutdown(cancellationSignal))
    throw new ConnectorError(`${what} was not called: its activity is at its end`, { kind: 'unsent' });
  const abandoned = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const giveUp = (why: string): void => {
      ended();
      abandoned.abort();
      reject(new ConnectorError(`${what} ${why}`, { kind: 'unknown' }));
    };
    const late = `did not answer within ${seconds(until - began)}, which is what its activity had left`;
    const timer = setTimeout(() => giveUp(late), until - began);
    const cancelled = (): void => {
      if (isShutdown(cancellationSignal))
        giveUp(`had not answered after ${seconds(performance.now() - began)} when the worker was shut down`);
    };
    const ended = (): void => {
      clearTimeout(timer);
      cancellationSignal.removeEventListener('abort', cancelled);
    };
    cancellationSignal.addEventListener('abort', cancelled);
    const asked = withCallContext({ abandoned: abandoned.signal }, async () => work());
    // Taken here also when it was given up, so that a late rejection ends no process.
    void asked.then(resolve, reject).finally(ended);
  });
}

const isShutdown = ({ aborted, reason }: AbortSignal): boolean =>
  aborted && reason instanceof Error && reason.message === SHUTDOWN;

const seconds = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(1)} s`;
