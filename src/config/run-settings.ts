import type { ConfigFile } from './schema.js';

/** What workflows need of the configuration: plain JSON that goes with the run. Durations in milliseconds. */
export interface RunSettings {
  retry: ConfigFile['retry'];
  activity: ConfigFile['activity'];
  batch: ConfigFile['batch'];
  dead_letter: ConfigFile['dead_letter'];
}

export function runSettings(config: RunSettings): RunSettings {
  const { retry, activity, batch, dead_letter } = config;
  return { retry, activity, batch, dead_letter };
}
