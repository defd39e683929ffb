import type { RunSettings } from '../../src/config.js';
import type { Scenario } from './scenario.js';
import type { CallInput } from './trace.js';
import type { Sabotage } from './transaction.js';
import type { Direction, Reply } from './world.js';

/** The argument of the model's workflow. */
export interface ModelInput extends Pick<Scenario, 'tree' | 'attempts' | 'checkpoint'> {
  settings: RunSettings;
  pauseMs: number;
  sabotage?: Sabotage | undefined;
}

/** That a step's undo waits for a person, for the nth time. */
export interface ParkedInput {
  step: string;
  nth: number;
}

/** One attempt, as it reaches the world. */
export interface Attempted extends CallInput {
  workflowId: string;
  direction: Direction;
}

/** How the model's activities reach the world, which is in the test's process. */
export interface Outside {
  attempt(attempted: Attempted): Promise<Reply>;
  parked(parked: ParkedInput & { workflowId: string }): Promise<void>;
}
