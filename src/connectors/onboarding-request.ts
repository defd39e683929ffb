import { createHash } from 'node:crypto';
import { templateContent } from '../standards/hash.js';
import { canonicalJson } from '../standards/json.js';
import type { JsonObject } from '../standards/model.js';
import type { SagaPlan } from '../standards/saga-plan.js';
import { formatSchema, loadYamlFile } from '../standards/yaml-file.js';
import { type GithubActionsOptions, workflowPath } from './github-actions/plan.js';
import { type OnboardingFile, onboardingFile } from './onboarding-file.js';
import { type CheckedStep, onboardingPlan } from './onboarding-plan.js';
import { checkSteps } from './onboarding-rules.js';
import type { ConnectorRegistry } from './registry.js';

/** What `onboard` was asked for, checked, and what it comes to. */
export interface OnboardingRequest {
  organization: string;
  /** As owner/name. */
  item: string;
  /** Of each step its name and what it uses, for people. */
  steps: { name: string; uses: string }[];
  /** The file, and the bytes of the files that it commits. */
  document: JsonObject;
  /** SHA-256 of the document's canonical JSON, in hex. */
  hash: string;
  plan: SagaPlan;
  /** Where it is named. */
  visibility?: string;
}

/** Reads an onboarding file. @throws StandardsError with everything that is wrong, each with its line */
export async function loadOnboarding(path: string, registry: ConnectorRegistry): Promise<OnboardingRequest> {
  let steps: CheckedStep[] = [];
  const file = await loadYamlFile<OnboardingFile>(path, {
    schema: onboardingFile,
    name: 'the onboarding file',
    also: (read) => {
      const checked = checkSteps(read, registry);
      steps = checked.steps;
      return checked.complaints;
    },
  });
  const files = Object.fromEntries(
    steps
      .filter(({ uses }) => uses === 'github-actions')
      .map(({ with: options }) => options as GithubActionsOptions)
      .map((options) => [workflowPath(options), templateContent(Buffer.from(options.workflow))]),
  );
  const document = JSON.parse(JSON.stringify({ ...file, steps, files })) as JsonObject;
  const { visibility } = file.repository;
  return {
    organization: file.organization,
    item: `${file.organization}/${file.repository.name}`,
    steps: steps.map(({ name, uses }) => ({ name, uses })),
    document,
    hash: createHash('sha256').update(canonicalJson(document)).digest('hex'),
    plan: onboardingPlan(file, steps),
    ...(visibility === undefined ? {} : { visibility }),
  };
}

/** The file's format as a JSON Schema, for editors; what `with` holds is the connector's. */
export function onboardingJsonSchema(): JsonObject {
  return {
    ...formatSchema({ schema: onboardingFile, name: 'the onboarding file' }),
    title: 'orgsaga onboarding file',
  };
}
