import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTemporalCli, findTimeSkippingServer, toolsDirectory } from '../src/dev/tools.js';

/** What set-up provided is handed over by environment; a test that needs what is not there fails with the finder's advice. */
function handOver(variable: string, find: () => string): void {
  try {
    process.env[variable] = find();
  } catch {
    return;
  }
}

/** Tests write to a home of their own, in which only the cache of tools is the user's. */
export default function setup(): () => void {
  const tools = toolsDirectory();
  mkdirSync(tools, { recursive: true });
  handOver('TEMPORAL_CLI_PATH', findTemporalCli);
  handOver('TEMPORAL_TEST_SERVER_PATH', findTimeSkippingServer);
  const home = mkdtempSync(join(tmpdir(), 'orgsaga-test-home-'));
  symlinkSync(tools, join(home, 'tools'));
  process.env['ORGSAGA_HOME'] = home;
  return () => rmSync(home, { recursive: true, force: true });
}
