import { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { type ConnectorContext, defineConnector } from '../connector.js';
import { refusal } from '../errors.js';
import { type Fields, fields, list, text } from '../fields.js';
import { asConnectorError, isPlatformError } from './errors.js';

const options = z.strictObject({
  channel: z
    .string()
    .regex(/^[CGD][A-Z0-9]{5,20}$/, { error: 'must be the id of a channel, such as C0123456789' })
    .describe('Id of the channel; its last line in Slack\'s "View channel details".'),
  text: z.string().trim().min(1).max(4_000),
  withdrawn: z
    .string()
    .trim()
    .min(1)
    .max(4_000)
    .default('Withdrawn: this onboarding was undone.')
    .describe('What the message says after it was taken back.'),
});

type Options = z.output<typeof options>;
type Posted = { channel: string; ts: string };

const EVENT = 'orgsaga_step';
/** A message is not older than its run, but for clocks that differ, seconds. */
const CLOCKS_DIFFER = 300;
/** Messages of a page; Slack gives fewer than 1,000. */
const PAGE = 999;
/** Looked through at most since the run began. */
const PAGES = 25;
const NOT_EDITABLE = ['edit_window_closed', 'cant_update_message'];

/** A message. It is taken back by an edit, or where Slack allows none by a second message. */
export const slack = defineConnector<Options, Posted>({
  name: 'slack',
  description: 'a message in a Slack channel',
  options,
  address: { variable: 'SLACK_API_URL', byDefault: 'https://slack.com/api' },
  credentials: [['SLACK_BOT_TOKEN']],
  idempotent: false,

  async forward(context, { channel, text: said }) {
    return call(async () => {
      const answer = await clientOf(context).apiCall('chat.postMessage', {
        channel,
        text: said,
        metadata: { event_type: EVENT, event_payload: { key: context.key } },
      });
      return { channel, ts: text(fields(answer)['ts']) };
    });
  },

  async inspect(context, { channel }) {
    const message = await newestOf(context, channel);
    // Only the newest counts: one that was withdrawn may have been said again.
    if (message === undefined || isWithdrawn(message)) return { state: 'absent' };
    return { state: 'ours', result: { channel, ts: text(message['ts']) } };
  },

  async compensate(context, { channel, withdrawn }, posted) {
    const newest = await newestOf(context, channel);
    if (newest === undefined || isWithdrawn(newest)) return { conflicts: [] };
    const ts = posted?.ts ?? text(newest['ts']);
    const metadata = { event_type: EVENT, event_payload: { key: context.key, withdrawn: true } };
    const client = clientOf(context);
    await call(async () => {
      try {
        await client.chat.update({ channel, ts, text: withdrawn, metadata });
      } catch (error) {
        if (isPlatformError(error, ['message_not_found'])) return;
        if (!isPlatformError(error, NOT_EDITABLE)) throw error;
        await client.apiCall('chat.postMessage', { channel, text: withdrawn, metadata });
      }
    });
    return { conflicts: [] };
  },
});

const quiet = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => 'error' as never,
  setName: () => {},
};

/** Slack's client without repeats of its own: whether to send again is decided by who called us. */
function clientOf(context: ConnectorContext): WebClient {
  const { http } = context;
  return new WebClient(context.credential('SLACK_BOT_TOKEN'), {
    slackApiUrl: `${http.address}/`,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    logger: quiet,
    fetch: (url, init) => http.fetch(url, init),
  });
}

/** The newest message of this step. @throws ConnectorError where there are too many of others to look through */
async function newestOf(context: ConnectorContext, channel: string): Promise<Fields | undefined> {
  const client = clientOf(context);
  const oldest = String(Math.floor(context.startedAt / 1_000) - CLOCKS_DIFFER);
  let cursor: string | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const answer = await call(() =>
      client.conversations.history({
        channel,
        oldest,
        limit: PAGE,
        include_all_metadata: true,
        ...(cursor === undefined ? {} : { cursor }),
      }),
    );
    // Slack gives the newest first.
    const newest = list(answer.messages).find((message) => payloadOf(message)['key'] === context.key);
    cursor = answer.response_metadata?.next_cursor;
    // What is not among those that were looked through may be behind them: it is not known to be absent.
    if (newest !== undefined || cursor === undefined || cursor === '') return newest;
  }
  throw refusal(
    `Slack: ${channel} has had more than ${PAGES * PAGE} messages since the run began, so its message was not found; edit it by hand`,
  );
}

const payloadOf = (message: Fields): Fields => fields(fields(message['metadata'])['event_payload']);

const isWithdrawn = (message: Fields): boolean => payloadOf(message)['withdrawn'] === true;

async function call<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asConnectorError(error);
  }
}
