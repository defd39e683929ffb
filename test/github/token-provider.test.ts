import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tokenProvider } from '../../src/github/token-provider.js';
import { failureOfCall } from './support.js';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

let directory = '';
let server: Server;
let baseUrl = '';
let issued = 0;
let livesMs = 3_600_000;
let status = 201;

beforeEach(async () => {
  issued = 0;
  livesMs = 3_600_000;
  status = 201;
  directory = await mkdtemp(join(tmpdir(), 'orgsaga-token-'));
  server = createServer((request, response) => {
    if (request.url !== '/app/installations/42/access_tokens' || request.method !== 'POST') {
      response.writeHead(404).end();
      return;
    }
    issued += 1;
    response.writeHead(status, { 'content-type': 'application/json' });
    const expires_at = new Date(Date.now() + livesMs).toISOString();
    response.end(JSON.stringify({ token: `ghs_${issued}`, expires_at, permissions: {} }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  baseUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(directory, { recursive: true });
});

const app = { GITHUB_APP_ID: '7', GITHUB_APP_INSTALLATION_ID: '42', GITHUB_APP_PRIVATE_KEY: privateKey };

describe('token', () => {
  it('is GITHUB_TOKEN where it is set', async () => {
    expect(await tokenProvider({ baseUrl, env: { ...app, GITHUB_TOKEN: 'ghp_x' } })()).toBe('ghp_x');
    expect(issued).toBe(0);
  });

  it("is an organisation's own where one is configured", async () => {
    const file = join(directory, 'token');
    await writeFile(file, 'ghp_file\n');
    const env = { GITHUB_TOKEN: 'ghp_x', ACME_TOKEN: 'ghp_acme' };
    const tokens = { acme: { env: 'ACME_TOKEN' }, Umbra: { file } };
    const of = (login: string): Promise<string> => tokenProvider({ baseUrl, env, tokens }, login)();
    expect(await of('ACME')).toBe('ghp_acme');
    expect(await of('umbra')).toBe('ghp_file');
    expect(await of('other')).toBe('ghp_x');
  });

  it('is an installation token of the App, kept until near its end', async () => {
    const token = tokenProvider({ baseUrl, env: app });
    expect([await token(), await token()]).toEqual(['ghs_1', 'ghs_1']);
    livesMs = 200_000;
    const short = tokenProvider({ baseUrl, env: app });
    expect([await short(), await short()]).toEqual(['ghs_2', 'ghs_3']);
  });

  it('takes the key from a file, or with its line ends written out', async () => {
    const file = join(directory, 'key.pem');
    await writeFile(file, privateKey);
    const { GITHUB_APP_PRIVATE_KEY: _key, ...rest } = app;
    expect(await tokenProvider({ baseUrl, env: { ...rest, GITHUB_APP_PRIVATE_KEY_FILE: file } })()).toBe(
      'ghs_1',
    );
    const oneLine = privateKey.replaceAll('\n', '\\n');
    expect(await tokenProvider({ baseUrl, env: { ...app, GITHUB_APP_PRIVATE_KEY: oneLine } })()).toBe(
      'ghs_2',
    );
  });

  it('can be had again after it could not be had', async () => {
    const token = tokenProvider({ baseUrl, env: app });
    status = 401;
    const error = await failureOfCall(token());
    expect(error.message).toMatch(/GitHub gave no token for App 7, installation 42 \(401\)/);
    expect(error.message).not.toContain('PRIVATE KEY');
    status = 201;
    expect(await token()).toBe('ghs_2');
  });

  it.each([
    [{}, undefined, /set GITHUB_TOKEN, or GITHUB_APP_ID/],
    [{ GITHUB_TOKEN: '' }, undefined, /set GITHUB_TOKEN/],
    [
      { GITHUB_APP_ID: '7' },
      undefined,
      /GITHUB_APP_INSTALLATION_ID and GITHUB_APP_PRIVATE_KEY or GITHUB_APP_PRIVATE_KEY_FILE/,
    ],
    [{ GITHUB_TOKEN: 'ghp_x' }, 'acme', /tokens\.acme\.env names ACME_TOKEN, which is not set/],
  ])('says what to set: %j %s', (env, organization, message) => {
    const tokens = { acme: { env: 'ACME_TOKEN' } };
    expect(() => tokenProvider({ baseUrl, env, tokens }, organization)).toThrow(message);
  });

  it('says which file cannot be read', async () => {
    const tokens = { acme: { file: join(directory, 'none') } };
    const error = await failureOfCall(tokenProvider({ baseUrl, env: {}, tokens }, 'acme')());
    expect(error.message).toMatch(/cannot read the file that tokens\.acme\.file names.*ENOENT/);
  });
});
