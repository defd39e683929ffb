import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Config, ConfigError, loadConfig, readToken, runSettings, secretsOf } from '../../src/config.js';

const SECRET = 'correct-horse-battery-staple';
const KEY = `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEowIBAAKCAQEA'.repeat(4)}\n-----END RSA PRIVATE KEY-----`;

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'orgsaga-config-'));
});

afterEach(() => {
  rmSync(cwd, { recursive: true, force: true });
});

/** Temporal's profile file is looked for under HOME. */
function load(env: Record<string, string> = {}, yaml?: string): Config {
  if (yaml !== undefined) writeFileSync(join(cwd, 'orgsaga.config.yaml'), yaml);
  return loadConfig({ HOME: cwd, ...env }, cwd);
}

function problemsOf(env: Record<string, string>, yaml?: string): readonly string[] {
  try {
    load(env, yaml);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.message).not.toContain(SECRET);
    return error.problems;
  }
  return [];
}

describe('Without any settings', () => {
  it('has the documented defaults', () => {
    const { temporal, github, actor, ...rest } = load();
    expect(temporal).toEqual({ address: '127.0.0.1:7233', namespace: 'default' });
    expect(github).toEqual({ apiUrl: 'https://api.github.com', tokens: {} });
    expect(actor).not.toBe('');
    expect(rest).toEqual({
      taskQueue: 'orgsaga',
      home: join(cwd, '.local', 'share', 'orgsaga'),
      cacheDirectory: join(cwd, '.cache', 'orgsaga'),
      logLevel: 'info',
      retry: {
        aggressive: { max_retries: 5, base: 2000, factor: 2, max: 60_000 },
        conservative: { max_retries: 2, base: 1000, factor: 2, max: 10_000 },
      },
      activity: { start_to_close: 30_000, heartbeat: 10_000, settle: 60_000, read_lag: 10_000 },
      circuit_breaker: { failure_threshold: 3, timeout: 30_000, success_threshold: 2 },
      cache: { max_entries: 1000, ttl: 300_000, slow_ttl: 3_600_000 },
      lanes: {
        profile: 'polite',
        concurrent: 100,
        rest_points_per_minute: 900,
        graphql_points_per_minute: 2000,
        content_per_minute: 80,
        content_per_hour: 500,
        burst: 100,
      },
      batch: { page: 100, size: 50, concurrency: 50, coalesce_max_wait: 500, coalesce_max: 20 },
      worker: { max_concurrent_activities: 200, max_concurrent_workflow_tasks: 80 },
      dead_letter: { max_retries: 3, deadline: 604_800_000 },
      connectors: [],
      sla: 3_600_000,
    });
  });

  it('gives workflows plain JSON', () => {
    const settings = runSettings(load());
    expect(JSON.parse(JSON.stringify(settings))).toEqual(settings);
    expect(Object.keys(settings).toSorted()).toEqual(['activity', 'batch', 'dead_letter', 'retry']);
  });

  it('takes an empty variable for one that is not set', () => {
    const empty = {
      GITHUB_TOKEN: '',
      DATABASE_URL: '',
      TEMPORAL_ADDRESS: '',
      ORGSAGA_LOG_LEVEL: '',
      ORGSAGA_HOME: '',
    };
    expect(load(empty)).toEqual(load());
  });
});

describe('The environment', () => {
  it('sets what its variables name', () => {
    const config = load({
      TEMPORAL_ADDRESS: 'temporal.example.com:7233',
      TEMPORAL_NAMESPACE: 'prod',
      TEMPORAL_API_KEY: SECRET,
      ORGSAGA_TASK_QUEUE: 'queue',
      GITHUB_API_URL: 'http://127.0.0.1:3000/api/v3/',
      GITHUB_TOKEN: ` ${SECRET}1\n`,
      DATABASE_URL: `postgres://me:${SECRET}%21@db/orgsaga`,
      ORGSAGA_HOME: 'home',
      ORGSAGA_ACTOR: 'ada',
      ORGSAGA_LOG_LEVEL: 'DEBUG',
      ORGSAGA_METRICS_ADDRESS: '127.0.0.1:9464',
    });
    expect(config).toMatchObject({
      temporal: { address: 'temporal.example.com:7233', namespace: 'prod', apiKey: SECRET, tls: true },
      taskQueue: 'queue',
      github: { apiUrl: 'http://127.0.0.1:3000/api/v3', token: `${SECRET}1` },
      home: join(cwd, 'home'),
      cacheDirectory: join(cwd, 'home'),
      actor: 'ada',
      logLevel: 'debug',
      metricsAddress: '127.0.0.1:9464',
      lanes: { profile: 'documented' },
    });
    expect(secretsOf(config)).toEqual(expect.arrayContaining([SECRET, `${SECRET}1`, `${SECRET}!`]));
  });

  it('takes XDG directories', () => {
    const config = load({ XDG_DATA_HOME: '/data', XDG_CACHE_HOME: '/cache' });
    expect([config.home, config.cacheDirectory]).toEqual([
      join('/data', 'orgsaga'),
      join('/cache', 'orgsaga'),
    ]);
  });

  it("honours Temporal's profile file and TLS variables", () => {
    writeFileSync(
      join(cwd, 'temporal.toml'),
      '[profile.default]\naddress = "one:7233"\n[profile.two]\naddress = "two:7233"\nnamespace = "n2"\n',
    );
    const file = { TEMPORAL_CONFIG_FILE: join(cwd, 'temporal.toml') };
    expect(load(file).temporal).toEqual({ address: 'one:7233', namespace: 'default' });
    expect(load({ ...file, TEMPORAL_PROFILE: 'two' }).temporal).toEqual({
      address: 'two:7233',
      namespace: 'n2',
    });
    expect(load({ ...file, TEMPORAL_NAMESPACE: 'n3', TEMPORAL_PROFILE: 'two' }).temporal.namespace).toBe(
      'n3',
    );
    expect(load({ TEMPORAL_TLS: 'true', TEMPORAL_TLS_SERVER_NAME: 'x' }).temporal.tls).toMatchObject({
      serverNameOverride: 'x',
    });
    expect(load({ TEMPORAL_API_KEY: SECRET, TEMPORAL_TLS: 'false' }).temporal.tls).toBe(false);
    expect(problemsOf({ ...file, TEMPORAL_PROFILE: 'three' })[0]).toContain("Profile 'three' not found");
    expect(problemsOf({ TEMPORAL_TLS: 'yes' })).toEqual(['TEMPORAL_TLS must be true or false']);
    expect(problemsOf({ TEMPORAL_TLS_CLIENT_CERT_PATH: join(cwd, 'none.pem') })[0]).toContain(
      'only one of them',
    );
  });

  it("reads a GitHub App's key from a variable or a file", () => {
    const app = { GITHUB_APP_ID: '12', GITHUB_APP_INSTALLATION_ID: '34' };
    const oneLine = KEY.replaceAll('\n', String.raw`\n`);
    expect(load({ ...app, GITHUB_APP_PRIVATE_KEY: oneLine }).github.app?.privateKey).toBe(KEY);
    writeFileSync(join(cwd, 'key.pem'), KEY);
    expect(load({ ...app, GITHUB_APP_PRIVATE_KEY_FILE: 'key.pem' }).github.app).toEqual({
      appId: '12',
      installationId: '34',
      privateKey: KEY,
    });
  });

  it('is refused with all that is wrong at once, and no secret', () => {
    const problems = problemsOf(
      {
        TEMPORAL_ADDRESS: 'https://temporal.example.com',
        GITHUB_API_URL: `https://me:${SECRET}@github.example.com`,
        GITHUB_TOKEN: `${SECRET} ${SECRET}`,
        GITHUB_APP_ID: '12',
        GITHUB_APP_PRIVATE_KEY: SECRET,
        GITHUB_APP_PRIVATE_KEY_FILE: 'nowhere.pem',
        DATABASE_URL: `mysql://me:${SECRET}@db/x`,
        ORGSAGA_LOG_LEVEL: 'wran',
        ORGSAGA_METRICS_ADDRESS: '9464',
      },
      'sla: 1\nbatch: { pages: 3 }\n',
    );
    const expected = [
      /^orgsaga.config.yaml:1:1: sla: must be a whole number with a unit/,
      /^orgsaga.config.yaml:2:10: batch.pages: unknown key; did you mean page\?/,
      /GITHUB_APP_INSTALLATION_ID is not set/,
      /both set; unset one/,
      /GITHUB_TOKEN holds a character/,
      /GITHUB_API_URL must not hold credentials/,
      /DATABASE_URL must begin with postgres/,
      /ORGSAGA_METRICS_ADDRESS must be host:port/,
      /TEMPORAL_ADDRESS must be host:port/,
      /ORGSAGA_LOG_LEVEL must be one of .*did you mean warn\?/,
    ];
    for (const pattern of expected)
      expect(problems.filter((problem) => pattern.test(problem)).length).toBe(1);
    expect(problems.length).toBe(expected.length);
    expect(problemsOf({ DATABASE_URL: `postgres://me:${SECRET}#x@db:99999/x` }, '').length).toBe(1);
    expect(problemsOf({ GITHUB_API_URL: 'api.github.com' }, '')[0]).toContain('must be a URL such as');
  });
});

describe('The configuration file', () => {
  it('overrides defaults key by key', () => {
    const config = load(
      {},
      'retry: { aggressive: { max: 500ms, base: 10ms } }\nactivity: { settle: 2s }\nlanes: { profile: documented }\ndead_letter: { deadline: 90d }\n',
    );
    expect(config.retry.aggressive).toEqual({ max_retries: 5, base: 10, factor: 2, max: 500 });
    expect(config.activity).toEqual({
      start_to_close: 30_000,
      heartbeat: 10_000,
      settle: 2000,
      read_lag: 10_000,
    });
    expect(config.lanes.profile).toBe('documented');
    expect(config.dead_letter.deadline).toBe(90 * 86_400_000);
  });

  it('lets one of two that belong together be set without the other', () => {
    expect(load({}, 'activity: { start_to_close: 4s }').activity).toMatchObject({
      start_to_close: 4000,
      heartbeat: 4000,
    });
    expect(load({}, 'retry: { aggressive: { max: 500ms } }').retry.aggressive).toMatchObject({
      base: 500,
      max: 500,
    });
  });

  it('may be empty, may hold comments alone, and may be named', () => {
    expect(load({}, '')).toEqual(load({}, '# nothing\n'));
    writeFileSync(join(cwd, 'other.yaml'), 'sla: 10m');
    expect(load({ ORGSAGA_CONFIG: 'other.yaml' }).sla).toBe(600_000);
    expect(problemsOf({ ORGSAGA_CONFIG: 'none.yaml' })).toEqual([
      'none.yaml (named by ORGSAGA_CONFIG) cannot be read: there is no such file.',
    ]);
  });

  it('names the place of each mistake and the nearest known key', () => {
    const cases: [string, string][] = [
      ['retyr: {}', ':1:1: retyr: unknown key; did you mean retry?'],
      ['retry:\n  agressive: {}', ':2:3: retry.agressive: unknown key; did you mean aggressive?'],
      ['xyzzy: 1', ':1:1: xyzzy: unknown key; known here: retry, activity'],
      ['lanes: { profil: polite }', ':1:10: lanes.profil: unknown key; did you mean profile?'],
      ['\nlanes: { profile: rude }', ':2:10: lanes.profile: must be documented or polite'],
      ['batch: { page: 1.5 }', ':1:10: batch.page: must be a whole number from 1 to 500'],
      ['batch: { page: 0 }', ':1:10: batch.page: must be a whole number from 1 to 500'],
      ['batch: []', ':1:1: batch: must be a map of keys'],
      ['- 1', ':1:1: must be a map of keys'],
      ['sla: 1 hour', ':1:1: sla: must be a whole number with a unit, such as 500ms'],
      ['sla: 0s', ':1:1: sla: must be a whole number with a unit'],
      ['sla: 1h\nsla: 2h', ':2:1: Map keys must be unique'],
      ['sla: "1h', ':1:9: Missing closing "quote'],
      ['tokens: { acme: { } }', ':1:11: tokens.acme: must name one of env and file'],
      ['tokens: { acme: { envv: X } }', 'tokens.acme.envv: unknown key; did you mean env?'],
      ['tokens: { "-x-": { env: X } }', 'is no login of an organisation'],
      [`tokens: { acme: { env: ghp_${'a'.repeat(36)} } }`, 'tokens.acme.env: holds a token itself'],
    ];
    for (const [yaml, expected] of cases) {
      const problems = problemsOf({}, yaml);
      expect(problems.join('\n'), yaml).toContain(expected);
      expect(problems.join('\n')).not.toContain('ghp_a');
    }
  });

  it("names organisations' own tokens, read where they are used", () => {
    writeFileSync(join(cwd, 'token'), `${SECRET}\n`);
    const { tokens } = load({}, 'tokens: { Acme: { env: ACME_TOKEN }, umbra: { file: token } }').github;
    expect(tokens).toEqual({ acme: { env: 'ACME_TOKEN' }, umbra: { file: join(cwd, 'token') } });
    expect(readToken({ env: 'ACME_TOKEN' }, { ACME_TOKEN: SECRET })).toBe(SECRET);
    expect(readToken({ file: join(cwd, 'token') }, {})).toBe(SECRET);
    expect(() => readToken({ env: 'ACME_TOKEN' }, {})).toThrow('No token: ACME_TOKEN is not set.');
    expect(() => readToken({ file: join(cwd, 'none') }, {})).toThrow('cannot be read: ENOENT');
  });
});

describe('A worker deployment', () => {
  it('is a name and a build, or none', () => {
    const { deployment } = load({ ORGSAGA_DEPLOYMENT: 'orgsaga', ORGSAGA_BUILD_ID: '0.2.0+3f9c1ab' });
    expect(deployment).toEqual({ name: 'orgsaga', buildId: '0.2.0+3f9c1ab' });
    expect(load({ ORGSAGA_DEPLOYMENT: '', ORGSAGA_BUILD_ID: '' })).not.toHaveProperty('deployment');
  });

  it('is refused with all that is wrong at once', () => {
    expect(problemsOf({ ORGSAGA_DEPLOYMENT: 'orgsaga' })).toEqual([
      expect.stringMatching(/^ORGSAGA_DEPLOYMENT is set, but ORGSAGA_BUILD_ID is not/),
    ]);
    expect(problemsOf({ ORGSAGA_BUILD_ID: '1' })).toEqual([
      expect.stringMatching(/^ORGSAGA_BUILD_ID is set, but ORGSAGA_DEPLOYMENT is not/),
    ]);
    // What Temporal itself would refuse, or read as another name.
    for (const name of ['a.b', 'a:b', '-a', 'a b', 'a'.repeat(101)])
      expect(problemsOf({ ORGSAGA_DEPLOYMENT: name, ORGSAGA_BUILD_ID: '1 2' })).toEqual([
        expect.stringMatching(/^ORGSAGA_DEPLOYMENT must be/),
        expect.stringMatching(/^ORGSAGA_BUILD_ID must be/),
      ]);
  });
});
