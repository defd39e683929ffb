/** Which build a worker is: one of the versions of a Temporal worker deployment. */
export interface DeploymentConfig {
  /** ORGSAGA_DEPLOYMENT. */
  name: string;
  /** ORGSAGA_BUILD_ID. */
  buildId: string;
}

/** Temporal puts the two together as `name:build` and refuses a name with a colon or a dot. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;
const BUILD_ID = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/;

/** Set where workers are versioned; undefined where any worker takes any task. */
export function deploymentOf(
  env: Readonly<Record<string, string | undefined>>,
  problems: string[],
): DeploymentConfig | undefined {
  const { ORGSAGA_DEPLOYMENT: name, ORGSAGA_BUILD_ID: buildId } = env;
  if (name !== undefined && !NAME.test(name))
    problems.push('ORGSAGA_DEPLOYMENT must be 1 to 100 letters, digits, _ or -, such as orgsaga');
  if (buildId !== undefined && !BUILD_ID.test(buildId))
    problems.push(
      'ORGSAGA_BUILD_ID must be 1 to 100 letters, digits, ., _, + or -, such as 0.2.0 or 3f9c1ab',
    );
  if ((name === undefined) !== (buildId === undefined)) {
    const [set, missing] =
      name === undefined
        ? ['ORGSAGA_BUILD_ID', 'ORGSAGA_DEPLOYMENT']
        : ['ORGSAGA_DEPLOYMENT', 'ORGSAGA_BUILD_ID'];
    problems.push(
      `${set} is set, but ${missing} is not: a version is both; unset it for workers without versions`,
    );
  }
  return name === undefined || buildId === undefined ? undefined : { name, buildId };
}
