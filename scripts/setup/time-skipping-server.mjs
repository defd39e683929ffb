import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fillCacheFolder } from './cache.mjs';
import { SetupError } from './errors.mjs';
import { fromVariable, isExecutable, onPath, toolsDirectory } from './paths.mjs';
import { run } from './run.mjs';
import { downloadBySdk } from './sdk-download.mjs';

const VERSION = '1.38.0';
const FOLDER = `temporal-test-server-${VERSION}`;
const NAME = 'temporal-test-server';
const COPY_WITHIN_MS = 10 * 60_000;
const COPY_DEPENDENCIES = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>orgsaga</groupId>
  <artifactId>time-skipping-server</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId>
      <artifactId>temporal-test-server</artifactId>
      <version>${VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;

const LAUNCHER = `#!/bin/sh
exec java -cp "$(dirname "$0")/lib/*" io.temporal.testserver.TestServer "$@"
`;

/** Where the time-skipping server is: TEMPORAL_TEST_SERVER_PATH, else the cache; undefined where it is nowhere. */
export function findTimeSkippingServer() {
  const cached = join(toolsDirectory(), FOLDER, NAME);
  return fromVariable('TEMPORAL_TEST_SERVER_PATH') ?? (isExecutable(cached) ? cached : undefined);
}

async function getWithMaven({ folder, lock, note }) {
  const missing = [
    ['java', 'Java 11 or newer'],
    ['mvn', 'Maven'],
  ].filter(([command]) => onPath(command) === undefined);
  if (missing.length > 0)
    throw new SetupError(
      `The time-skipping test server is not here, it cannot be downloaded, and ${missing.map(([, name]) => name).join(' and ')}, with which it can be had, is not installed.`,
      'Install it (on Debian: apt-get install default-jre-headless maven), or set TEMPORAL_TEST_SERVER_PATH to an existing test server. Then run the same command again.',
    );
  const project = join(folder, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'pom.xml'), POM);
  const args = [
    '--batch-mode',
    '--quiet',
    COPY_DEPENDENCIES,
    '-DincludeScope=runtime',
    `-DoutputDirectory=${join(folder, 'lib')}`,
  ];
  await run('mvn', args, { cwd: project, timeoutMs: COPY_WITHIN_MS, lock, onLine: note });
  rmSync(project, { recursive: true, force: true });
  if (!readdirSync(join(folder, 'lib')).includes(`${NAME}-${VERSION}.jar`))
    throw new Error(`Maven brought no ${NAME}-${VERSION}.jar`);
  const launcher = join(folder, NAME);
  writeFileSync(launcher, LAUNCHER);
  chmodSync(launcher, 0o755);
}

export const timeSkippingServer = {
  title: 'Getting the time-skipping test server (up to a minute and 40 MB, once)…',
  step: 'Getting the time-skipping test server',
  folder: toolsDirectory(),
  isCurrent: () => findTimeSkippingServer() !== undefined,
  async make({ lock, note }) {
    await fillCacheFolder(FOLDER, async (folder) => {
      const wanted = { kind: 'time-skipping', version: `v${VERSION}`, folder, name: NAME, lock, note };
      if (!(await downloadBySdk(wanted))) await getWithMaven({ folder, lock, note });
    });
  },
};
