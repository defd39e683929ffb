/** One entry of the `errors` array in a 422 body. */
export interface FieldError {
  resource?: string;
  field?: string;
  code: string;
  message?: string;
}

const DOCUMENTATION = 'https://docs.github.com/rest';

/** A refusal as GitHub words it; both doors (REST and GraphQL) turn it into their own form. */
export class GitHubError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly errors?: readonly (FieldError | string)[],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }

  body(): Record<string, unknown> {
    return {
      message: this.message,
      ...(this.errors === undefined ? {} : { errors: this.errors }),
      documentation_url: DOCUMENTATION,
      status: String(this.status),
    };
  }
}

export const notFound = (): GitHubError => new GitHubError(404, 'Not Found');

export const forbidden = (message: string): GitHubError => new GitHubError(403, message);

export const conflict = (message: string): GitHubError => new GitHubError(409, message);

export const validationFailed = (...errors: FieldError[]): GitHubError =>
  new GitHubError(422, 'Validation Failed', errors);

export const invalidRequest = (detail: string): GitHubError =>
  new GitHubError(422, `Invalid request.\n\n${detail}`);

/** The 422 for keys that a schema requires, in GitHub's wording. */
export function missingKeys(keys: readonly string[]): GitHubError {
  const names = keys.map((key) => `"${key}"`).join(', ');
  return invalidRequest(`${names} ${keys.length === 1 ? "wasn't" : "weren't"} supplied.`);
}
