import { Ajv, type ValidateFunction } from 'ajv';
import { Router } from '../../../src/dev/github/http/router.js';
import { route } from '../../../src/dev/github/rest/types.js';
import { type Operation, openApiOperations, type Schema } from './openapi-document.js';

interface RecordedRequest {
  method: string;
  /** With its query; without host and `/api/v3`. */
  path: string;
  body?: unknown;
}

export interface OpenApiChecker {
  /** What is wrong with a request by GitHub's OpenAPI document; `[]` where nothing is. */
  complaints(request: RecordedRequest): string[];
}

/**
 * A schema for ajv: OpenAPI's `nullable` becomes a type or an alternative, and an object takes only the properties that
 * are named, which OpenAPI leaves open and GitHub passes over in silence.
 */
function strict(value: unknown, closed = true): unknown {
  if (Array.isArray(value)) return value.map((item) => strict(item, closed));
  if (typeof value !== 'object' || value === null) return value;
  const { nullable, allOf, properties, ...rest } = value as Schema;
  const schema: Schema = Object.fromEntries(
    Object.entries(rest).map(([key, item]) => [key, strict(item, closed)]),
  );
  if (allOf !== undefined) schema['allOf'] = strict(allOf, false);
  if (properties !== undefined) {
    schema['properties'] = Object.fromEntries(
      Object.entries(properties as Schema).map(([name, item]) => [name, strict(item)]),
    );
    if (closed && allOf === undefined) schema['additionalProperties'] ??= false;
  }
  return nullable === true ? { anyOf: [schema, { type: 'null' }] } : schema;
}

function queryComplaints(operation: Operation, query: URLSearchParams): string[] {
  return [...query].flatMap(([name, value]) => {
    const schema = operation.query[name];
    if (schema === undefined) return [`unknown query parameter ${name}`];
    if (schema['type'] === 'integer' && !/^-?\d+$/.test(value)) return [`${name}=${value} is not an integer`];
    if (schema['type'] === 'boolean' && !/^(true|false)$/.test(value))
      return [`${name}=${value} is not a boolean`];
    const values = schema['enum'] as string[] | undefined;
    return values === undefined || values.includes(value)
      ? []
      : [`${name}=${value} is none of ${values.join(', ')}`];
  });
}

/** Segments that take a path with slashes, at the end of a template. */
const asRest = (template: string): string =>
  template.replace(/(\/contents|\/git\/refs?|\/git\/matching-refs)\/\{(\w+)\}$/, '$1/{$2+}');

/** A checker over GitHub's official OpenAPI document; see `openApiOperations` for where that comes from. */
export async function openApiChecker(): Promise<OpenApiChecker> {
  const operations = await openApiOperations();
  const byRoute = new Map<string, Operation>();
  const routes = Object.entries(operations).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const made = route(`${method.toUpperCase()} ${asRest(template)}`, () => ({ status: 501 }));
      byRoute.set(`${made.method} ${made.template}`, operation);
      return made;
    }),
  );
  const router = new Router(routes);
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const validators = new Map<Operation, ValidateFunction>();
  const validatorOf = (operation: Operation): ValidateFunction => {
    const known = validators.get(operation) ?? ajv.compile(strict(operation.body) as Schema);
    validators.set(operation, known);
    return known;
  };
  const bodyComplaints = (operation: Operation, body: unknown): string[] => {
    if (operation.body === null) return body === undefined ? [] : ['takes no body'];
    if (body === undefined) return operation.bodyRequired ? ['needs a body'] : [];
    const validate = validatorOf(operation);
    if (validate(body)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `body${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
  return {
    complaints({ method, path, body }) {
      const url = new URL(path, 'http://github.invalid');
      // The path by id is what GitHub's own redirects lead to, though its document leaves it out.
      const documented = url.pathname.replace(/^\/repositories\/\d+/, '/repos/owner/repo');
      const found = router.match(method, documented)?.route;
      const operation = found && byRoute.get(`${found.method} ${found.template}`);
      const complaints =
        operation === undefined
          ? ['no such operation']
          : [...queryComplaints(operation, url.searchParams), ...bodyComplaints(operation, body)];
      return complaints.map((complaint) => `${method} ${path}: ${complaint}`);
    },
  };
}
