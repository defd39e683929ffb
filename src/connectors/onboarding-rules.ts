import { z } from 'zod';
import type { JsonObject } from '../standards/model.js';
import { nearest } from '../standards/nearest.js';
import type { Complaint, Path } from '../standards/problem.js';
import { checkAgainst } from '../standards/schema-complaints.js';
import { stepsNamedIn } from './fill.js';
import { githubActionsOptions } from './github-actions/plan.js';
import { GITHUB_STEP, MOST_STEPS, type OnboardingStep, onboardingStep } from './onboarding-file.js';
import type { CheckedStep } from './onboarding-plan.js';
import { type ConnectorRegistry, RESERVED } from './registry.js';

const noOptions = z.strictObject({});
const stepsOf = z.object({ steps: z.array(z.unknown()) });
const word = z.string().optional().catch(undefined);
const namesOf = z.object({ name: word, uses: word });

/** The schema of what a step's `with` may hold; null where nobody is registered under that name. */
function optionsOf(registry: ConnectorRegistry, uses: string): z.ZodType | null {
  if (uses === 'github') return noOptions;
  if (uses === 'github-actions') return githubActionsOptions;
  return registry.get(uses)?.options ?? null;
}

/**
 * What is wrong with the steps of a file beyond its schema, of those that the schema takes: an error elsewhere in the file
 * hides none of theirs. Where nothing is, all of them with their options as the connectors read them.
 */
export function checkSteps(
  file: unknown,
  registry: ConnectorRegistry,
): { steps: CheckedStep[]; complaints: Complaint[] } {
  const steps = readSteps(file);
  const implied = steps.some(({ uses }) => uses === 'github') ? [] : [GITHUB_STEP];
  const checked = steps.flatMap(({ step }, index) => {
    if (step === undefined) return [];
    const earlier = [...implied, ...steps.slice(0, index).flatMap(({ name }) => name ?? [])];
    const at: Path = ['steps', index];
    const { options, complaints } = readOptions(step, index, registry, at);
    return {
      step: { ...step, with: options },
      complaints: [
        ...nameComplaints(step, earlier, at),
        ...complaints,
        ...needsComplaints(step, earlier, at),
      ],
    };
  });
  return {
    steps: checked.map(({ step }) => step),
    complaints: checked.flatMap(({ complaints }) => complaints),
  };
}

interface ReadStep {
  name?: string | undefined;
  uses?: string | undefined;
  /** Where the schema takes it. */
  step: OnboardingStep | undefined;
}

function readSteps(file: unknown): ReadStep[] {
  const loose = stepsOf.safeParse(file);
  if (!loose.success) return [];
  return loose.data.steps.slice(0, MOST_STEPS).map((one) => ({
    ...namesOf.safeParse(one).data,
    step: onboardingStep.safeParse(one).data,
  }));
}

function nameComplaints({ name, uses }: OnboardingStep, earlier: string[], at: Path): Complaint[] {
  if (!earlier.includes(name)) return [];
  const hint = name === GITHUB_STEP && uses !== 'github' ? ' (it makes the repository)' : '';
  return [{ path: [...at, 'name'], text: `there is a step ${JSON.stringify(name)} already${hint}` }];
}

/** A step's options with their defaults; as they were given where something is wrong with them or with what it uses. */
function readOptions(
  { uses, with: given }: OnboardingStep,
  index: number,
  registry: ConnectorRegistry,
  at: Path,
): { options: JsonObject; complaints: Complaint[] } {
  const wrong = (text: string) => ({ options: given, complaints: [{ path: [...at, 'uses'], text }] });
  if (uses === 'github' && index > 0)
    return wrong('the step that uses github makes the repository and comes first');
  const schema = optionsOf(registry, uses);
  if (schema === null) {
    const names = [...RESERVED, ...registry.names];
    const near = nearest(uses, names);
    const hint = near === null ? '' : `; did you mean ${JSON.stringify(near)}?`;
    return wrong(`no connector ${JSON.stringify(uses)} is registered; there are ${names.join(', ')}${hint}`);
  }
  const { file: options, complaints } = checkAgainst(schema, () => keysOf(schema), given);
  return {
    // As plain JSON: it goes into the document and through Temporal.
    options: JSON.parse(JSON.stringify(options ?? given)) as JsonObject,
    complaints: complaints.map((complaint) => ({ ...complaint, path: [...at, 'with', ...complaint.path] })),
  };
}

function needsComplaints({ needs, with: given }: OnboardingStep, earlier: string[], at: Path): Complaint[] {
  const unknown = (needs ?? []).flatMap((step, index) =>
    earlier.includes(step)
      ? []
      : [{ path: [...at, 'needs', index], text: `no earlier step is named ${JSON.stringify(step)}` }],
  );
  const readable = needs ?? earlier;
  const unread = stepsNamedIn(given).flatMap((step) =>
    readable.includes(step)
      ? []
      : [
          {
            path: [...at, 'with'],
            text: `\${steps.${step}...} reads a step that ${needs === undefined ? 'is not there before it' : 'is not among its needs'}`,
          },
        ],
  );
  return [...unknown, ...unread];
}

/** For suggestions only; a schema of somebody else's zod, or one that JSON Schema cannot say, has none. */
function keysOf(schema: z.ZodType): JsonObject {
  try {
    return JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input' }))) as JsonObject;
  } catch {
    return {};
  }
}
