/** Why a call of Orgsaga's api could not be done. The CLI makes an exit code of it, a library user may switch on it. */
export type ApiProblem =
  /** No Temporal server answers there. */
  | 'no_server'
  /** The server, or its namespace, refuses us. */
  | 'unauthenticated'
  /** There is no such run or item. */
  | 'not_found'
  /** The same request key was used with another payload. */
  | 'key_conflict'
  /** Search attributes are missing and may not be registered by us. */
  | 'search_attributes'
  /** The run is in a state in which this cannot be done. */
  | 'wrong_state'
  /** The server does not take what was given. */
  | 'invalid'
  /** What was named is several things. */
  | 'ambiguous'
  /** No worker answered in time. */
  | 'no_answer';

export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    message: string,
    readonly problem: ApiProblem,
  ) {
    super(message);
  }
}
