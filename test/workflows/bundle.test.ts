import { builtinModules } from 'node:module';
import { describe, expect, it } from 'vitest';
import { bundled, ownBundle } from './bundled.js';

/** Module names in the bundle, as webpack writes them above each. */
function modulesOf(code: string): string[] {
  const names = [...code.matchAll(/^\/\*\*\*\/ "([^"\n]+)":?/gm)].map(([, name]) => name ?? '');
  return [...new Set(names)];
}

/** Workflow-safe packages; whatever else comes in has to be thought about first. */
const PACKAGES =
  /node_modules\/(@temporalio\/(workflow|common|worker|proto)|long|ms|nexus-rpc|@protobufjs|protobufjs)\//;

describe('the workflow bundle', () => {
  it('holds workflows and what is pure, and no Node module, octokit or store', async () => {
    const modules = modulesOf((await ownBundle()).code);
    const own = modules.filter((name) => name.startsWith('./src/'));
    expect(own).toEqual(expect.arrayContaining(['./src/workflows/apply.ts', './src/transaction/engine.ts']));
    const folders = new Set(own.map((name) => name.split('/')[2]));
    expect(folders).toEqual(new Set(['policies', 'standards', 'transaction', 'workflows']));
    const foreign = modules.filter((name) => name.includes('node_modules') && !PACKAGES.test(name));
    expect(foreign).toEqual([]);
    const builtin = modules.filter((name) => name.startsWith('node:') || builtinModules.includes(name));
    expect(builtin).toEqual([]);
  });

  it('cannot be made of a workflow that uses a Node module', async () => {
    const workflow = 'export const harmless = async () => null;';
    await expect(bundled(workflow)).resolves.toBeDefined();
    await expect(bundled(`import 'node:fs';\n${workflow}`)).rejects.toThrow();
  });
});
