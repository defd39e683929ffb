import { resourceUsage } from 'node:process';
import { githubAccess } from '../../access.js';
import { loadConfig } from '../../config.js';
import { readPages } from '../../github/read/pages.js';
import { diffRepository } from '../../standards/diff.js';
import { loadStandards } from '../../standards/load.js';
import type { RepositoryState } from '../../standards/model.js';
import { repositoryNeeds } from '../../standards/needs.js';
import { resolveRepository } from '../../standards/resolve.js';

/**
 * Reads the one organisation of a standards file and compares it, as a plan does: `stream` lets each page go when it is
 * compared, `all` reads everything before it compares. Says how many differ, and the most memory that it has had.
 */
const [mode, file] = process.argv.slice(2);
if ((mode !== 'stream' && mode !== 'all') || file === undefined)
  throw new Error('usage: reader.js stream|all STANDARDS-FILE');

const config = loadConfig();
const { document } = await loadStandards(file);
const [organization] = document.organizations;
if (organization === undefined) throw new Error(`${file} names no organisation`);
const { login } = organization;
const pages = readPages(githubAccess(config)(login), login, repositoryNeeds(organization), config.batch.page);

const differs = (state: RepositoryState): boolean => {
  const wanted = resolveRepository(organization, state);
  return wanted !== null && diffRepository(login, wanted, state, document).item !== null;
};

let differing = 0;
const kept: RepositoryState[] = [];
for await (const { repositories } of pages)
  if (mode === 'all') kept.push(...repositories);
  else differing += repositories.filter(differs).length;
differing += kept.filter(differs).length;

process.stdout.write(`${JSON.stringify({ differing, peakBytes: resourceUsage().maxRSS * 1_024 })}\n`);
