import { createHash } from 'node:crypto';
import { createRepositoryPlan } from './create-repository.js';
import { canonicalJson } from './json.js';
import type { Json, JsonObject } from './model.js';
import { formatPath, StandardsError } from './problem.js';
import type { SagaPlan } from './saga-plan.js';
import { type RepositoryFile, repositoryFile } from './schema/repository-file.js';
import { formatSchema, judge, loadYamlFile, type YamlFormat } from './yaml-file.js';

/** What `create-repo` was asked for, checked, and what it comes to. */
export interface RepositoryRequest {
  document: RepositoryFile;
  /** SHA-256 of the document's canonical JSON, in hex. */
  hash: string;
  plan: SagaPlan;
}

/** The JSON Schema of the repository file, by which editors complete and check it. */
export function repositoryJsonSchema(): JsonObject {
  return {
    ...formatSchema(FORMAT),
    title: 'orgsaga repository file',
    description: 'A new repository, made by `orgsaga create-repo -f`.',
  };
}

const FORMAT: YamlFormat<RepositoryFile> = { schema: repositoryFile, name: 'the repository file' };

/** From a file. @throws StandardsError with everything that is wrong, each with its line */
export async function loadRepositoryRequest(path: string): Promise<RepositoryRequest> {
  return requestOf(await loadYamlFile(path, FORMAT));
}

/** From the words of a command line. @throws StandardsError with everything that is wrong */
export function readRepositoryRequest(asked: Json): RepositoryRequest {
  const { file, complaints } = judge(FORMAT, asked);
  if (file !== null && complaints.length === 0) return requestOf(file);
  throw new StandardsError(
    complaints.map(({ path, text }) => ({
      file: '',
      line: 1,
      column: 1,
      path: formatPath(path),
      message: text,
    })),
  );
}

function requestOf(document: RepositoryFile): RepositoryRequest {
  const json = JSON.parse(JSON.stringify(document)) as Json;
  const hash = createHash('sha256').update(canonicalJson(json)).digest('hex');
  return { document, hash, plan: createRepositoryPlan(document) };
}
