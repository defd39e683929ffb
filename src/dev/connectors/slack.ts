import { type Reply, type Request, type SimulatedServer, startSimulatedServer } from './server.js';

export interface Message {
  channel: string;
  ts: string;
  text: string;
  metadata: unknown;
  edited: boolean;
}

export interface SimulatedSlack extends SimulatedServer {
  readonly messages: Message[];
  /** Whether messages may be edited; true unless set. */
  editable: boolean;
}

/** Messages of channels as Slack's Web API keeps them. Errors come with status 200, as Slack's do. */
export async function startSimulatedSlack(
  token: string,
  channels: readonly string[],
): Promise<SimulatedSlack> {
  const state = { messages: [] as Message[], editable: true };
  let count = 0;
  const ts = (): string => `${Math.floor(Date.now() / 1_000)}.${String((count += 1)).padStart(6, '0')}`;
  const server = await startSimulatedServer(token, (request) => answer(slack, channels, request, ts));
  const slack: SimulatedSlack = Object.assign(server, state);
  return slack;
}

const said = (error: string): Reply => ({ status: 200, body: { ok: false, error } });

function answer(
  slack: SimulatedSlack,
  channels: readonly string[],
  { path, body }: Request,
  nextTs: () => string,
): Reply {
  const channel = typeof body['channel'] === 'string' ? body['channel'] : '';
  if (!channels.includes(channel)) return said('channel_not_found');
  switch (path.split('/').at(-1) ?? '') {
    case 'chat.postMessage': {
      const { text, metadata } = body;
      const message = { channel, ts: nextTs(), text: String(text), metadata, edited: false };
      slack.messages.unshift(message);
      return { status: 200, body: { ok: true, channel, ts: message.ts } };
    }
    case 'chat.update': {
      const found = slack.messages.find(({ ts }) => ts === body['ts']);
      if (found === undefined) return said('message_not_found');
      if (!slack.editable) return said('edit_window_closed');
      Object.assign(found, { text: body['text'], metadata: body['metadata'], edited: true });
      return { status: 200, body: { ok: true, channel, ts: found.ts } };
    }
    case 'conversations.history': {
      const oldest = Number(body['oldest'] ?? 0);
      const limit = Number(body['limit'] ?? 100);
      const all = slack.messages.filter((each) => each.channel === channel && Number(each.ts) >= oldest);
      const from = Number(body['cursor'] ?? 0);
      const next = from + limit < all.length ? String(from + limit) : '';
      const messages = all.slice(from, from + limit);
      return { status: 200, body: { ok: true, messages, response_metadata: { next_cursor: next } } };
    }
    default:
      return said('unknown_method');
  }
}
