import { forbidden } from '../errors.js';
import { created, ok, route } from './types.js';
import { userView } from './views.js';

export const userRoutes = [
  route('GET /', (request) =>
    ok({
      current_user_url: `${request.base}/user`,
      organization_url: `${request.base}/orgs/{org}`,
      organization_repositories_url: `${request.base}/orgs/{org}/repos{?type,page,per_page,sort}`,
      rate_limit_url: `${request.base}/rate_limit`,
      repository_url: `${request.base}/repos/{owner}/{repo}`,
      user_url: `${request.base}/users/{user}`,
    }),
  ),
  route('GET /meta', (request) =>
    ok({
      verifiable_password_authentication: false,
      ...(request.base.endsWith('/api/v3') ? { installed_version: '3.17.0' } : {}),
    }),
  ),
  route('GET /user', (request) => {
    const { actor } = request.writer;
    if (actor === null) throw forbidden('Resource not accessible by integration');
    return ok(userView(request, actor));
  }),
  route('POST /app/installations/{installation_id}/access_tokens', ({ state, params }) => {
    // Shaped as app tokens have been since 2026: the app's id, then a JWT.
    const token = `ghs_${params['installation_id'] ?? ''}_simulated.${state.issuedTokens.size + 1}.token`;
    state.issuedTokens.add(token);
    const expires_at = new Date(state.now() + 3_600_000).toISOString();
    return created({
      token,
      expires_at,
      permissions: { administration: 'write' },
      repository_selection: 'all',
    });
  }),
  route('GET /users/{username}', (request) =>
    ok(userView(request, request.state.user(request.params['username'] ?? ''))),
  ),
];
