import { missingKeys, notFound, validationFailed } from '../errors.js';
import type { Hook, Repository } from './model.js';
import { placeOf, type Writer } from './state.js';

type Body = Readonly<Record<string, unknown>>;

/** The hook's configuration as GitHub shows it: a secret is never given back. */
function shownConfig(hook: Hook): Record<string, unknown> {
  return { ...hook.config, ...(hook.config['secret'] === undefined ? {} : { secret: '********' }) };
}

export const hookValue = (hook: Hook) => ({
  name: hook.name,
  active: hook.active,
  events: hook.events,
  config: shownConfig(hook),
});

export function findHook(repository: Repository, id: string): Hook {
  const hook = repository.hooks.get(Number(id));
  if (hook === undefined) throw notFound();
  return hook;
}

const events = (value: unknown): string[] => (Array.isArray(value) ? value.map(String).toSorted() : ['push']);

/** Adds a webhook. Throws 422 for a second one with the same URL and a common event. */
export function createHook(writer: Writer, repository: Repository, body: Body): Hook {
  const config = body['config'] as Record<string, unknown> | undefined;
  if (typeof config?.['url'] !== 'string') throw missingKeys(['url']);
  const wanted = events(body['events']);
  for (const other of repository.hooks.values())
    if (other.config['url'] === config['url'] && other.events.some((event) => wanted.includes(event)))
      throw validationFailed({
        resource: 'Hook',
        code: 'custom',
        message: 'Hook already exists on this repository',
      });
  const now = writer.state.timestamp();
  const hook = writer.state.register<Hook>({
    kind: 'Hook',
    ...writer.state.identify('Hook'),
    name: 'web',
    active: body['active'] !== false,
    events: wanted,
    config: { content_type: 'form', insecure_ssl: '0', ...config },
    created_at: now,
    updated_at: now,
  });
  repository.hooks.set(hook.id, hook);
  writer.record('hook.create', placeOf(repository, `hooks/${hook.id}`), null, hookValue(hook));
  return hook;
}

export function updateHook(writer: Writer, repository: Repository, hook: Hook, body: Body): void {
  const before = hookValue(hook);
  if (typeof body['active'] === 'boolean') hook.active = body['active'];
  if (body['events'] !== undefined) hook.events = events(body['events']);
  // A config replaces the whole one, secret included, as on GitHub.
  if (body['config'] !== undefined)
    hook.config = { content_type: 'form', insecure_ssl: '0', ...(body['config'] as object) };
  hook.updated_at = writer.state.timestamp();
  writer.record('hook.update', placeOf(repository, `hooks/${hook.id}`), before, hookValue(hook));
}

export function deleteHook(writer: Writer, repository: Repository, hook: Hook): void {
  repository.hooks.delete(hook.id);
  writer.state.nodes.delete(hook.node_id);
  writer.record('hook.delete', placeOf(repository, `hooks/${hook.id}`), hookValue(hook), null);
}
