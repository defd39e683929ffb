import {
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import type { Config } from '../config.js';
import { ApiError } from '../errors.js';

/** gRPC's status codes (grpc.io, "Status codes"). */
const UNAVAILABLE = 14;
const DEADLINE_EXCEEDED = 4;
const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;
const NOT_FOUND = 5;
/** What a list gets that asks for a search attribute which nobody has registered. */
export const INVALID_ARGUMENT = 3;
/** What a query gets where no worker has polled lately. */
const FAILED_PRECONDITION = 9;
/** What passes when asked again: an overloaded or ending server, a worker that ends while it answers. */
const CANCELLED = 1;
const UNKNOWN = 2;
const RESOURCE_EXHAUSTED = 8;
const ABORTED = 10;
const INTERNAL = 13;

/** Makes one clear error of whatever Temporal's client threw; what is one already stays as it is. */
export function apiFailure(error: unknown, config: Config): Error {
  if (error instanceof ApiError) return error;
  const { temporal, taskQueue } = config;
  const noNamespace = namespaceFailure(error, config);
  if (noNamespace !== null) return noNamespace;
  const where = `${temporal.address}, namespace ${temporal.namespace}`;
  if (error instanceof WorkflowNotFoundError) {
    return new ApiError(
      `There is no workflow ${error.workflowId} at ${where}; see \`orgsaga runs\`.`,
      'not_found',
    );
  }
  if (error instanceof WorkflowUpdateFailedError) {
    return new ApiError(`It was refused: ${error.cause?.message ?? error.message}`, 'wrong_state');
  }
  switch (grpcCode(error)) {
    case UNAUTHENTICATED:
    case PERMISSION_DENIED:
      return new ApiError(
        `Temporal at ${where} does not let us in: check TEMPORAL_API_KEY or the client certificate.`,
        'unauthenticated',
      );
    case NOT_FOUND:
      return new ApiError(`Not found at ${where}: check TEMPORAL_NAMESPACE and the run's id.`, 'not_found');
    case DEADLINE_EXCEEDED:
    case FAILED_PRECONDITION:
      return new ApiError(
        `No answer in time: the server at ${where} is slow, or no worker polls task queue ${taskQueue} (start one: \`orgsaga worker\`).`,
        'no_answer',
      );
    case CANCELLED:
    case UNKNOWN:
    case RESOURCE_EXHAUSTED:
    case ABORTED:
    case INTERNAL:
      return new ApiError(
        `No answer from the server at ${where} (${detailsOf(error)}); try again.`,
        'no_answer',
      );
    case UNAVAILABLE:
      return noServer(where);
    case null:
      return isConnectionError(error) ? noServer(where) : asError(error);
    default:
      return new ApiError(`The server at ${where} refused it: ${detailsOf(error)}`, 'invalid');
  }
}

/** What to say where the namespace is not there; null for any other failure. */
export function namespaceFailure(error: unknown, { temporal }: Config): ApiError | null {
  if (!isNamespaceMissing(error)) return null;
  return new ApiError(
    `There is no namespace ${temporal.namespace} at ${temporal.address}: check TEMPORAL_NAMESPACE.`,
    'not_found',
  );
}

/** Whether a list asked for search attributes that nobody has registered: nothing of orgsaga was ever started there. */
export function isUnused(error: unknown): boolean {
  return grpcCode(error) === INVALID_ARGUMENT && /search attribute/i.test(detailsOf(error));
}

/** Whether the workflow that was to be updated or signalled has closed. */
export function isClosed(error: unknown): boolean {
  return (
    error instanceof WorkflowNotFoundError || (grpcCode(error) === NOT_FOUND && !isNamespaceMissing(error))
  );
}

/** Whether the server could not be reached, so that the same call may succeed later. */
export function isLost(error: unknown): boolean {
  return error instanceof ApiError && error.problem === 'no_server';
}

/** The client makes an error of its own of it in some calls, and hands on the server's in others. */
function isNamespaceMissing(error: unknown): boolean {
  if (error instanceof NamespaceNotFoundError) return true;
  return grpcCode(error) === NOT_FOUND && /\bnamespace\b.*\bnot found\b/i.test(detailsOf(error));
}

function noServer(where: string): ApiError {
  return new ApiError(
    `No Temporal server answers at ${where}. Start one with \`orgsaga dev\`, or set TEMPORAL_ADDRESS.`,
    'no_server',
  );
}

export function grpcCode(error: unknown): number | null {
  if (isGrpcServiceError(error)) return error.code;
  if (error instanceof ServiceError && isGrpcServiceError(error.cause)) return error.cause.code;
  return null;
}

export function detailsOf(error: unknown): string {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.details : String(cause);
}

function isConnectionError(error: unknown): boolean {
  return error instanceof Error && /failed to connect|ECONNREFUSED|connect/i.test(error.message);
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
