/** What a person can act on: what failed and why, then what to do next. */
export class SetupError extends Error {
  constructor(message, advice) {
    super(advice === undefined ? message : `${message}\n${advice}`);
    this.exitCode = 1;
  }
}

/** A signal asked this process to end. */
export class Interrupted extends Error {
  constructor(signal) {
    super(`Interrupted by ${signal}.`);
    this.exitCode = signal === 'SIGINT' ? 130 : 1;
  }
}

/** A command that ended with an error, could not be started, or took too long. */
export class CommandFailed extends Error {
  constructor(command, reason, output) {
    super(`${command} ${reason}.`);
    this.output = output;
  }
}

const AGAIN = 'What is half done is not used: run the same command again to go on.';
const NO_SPACE = /ENOSPC|no space left|EDQUOT|quota exceeded/i;
const NO_NETWORK =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|dial tcp|no such host|network is unreachable|i\/o timeout|Unknown host|Could not transfer|Connection (refused|reset|timed out)/i;
const NOT_WRITABLE = /EACCES|EPERM|EROFS|permission denied|read-only file system/i;

/** Removes user information from addresses: a proxy's or a registry's password must not reach a log. */
function withoutPasswords(text) {
  return text.replace(/\/\/[^/\s@]+@/g, '//');
}

/** A command's output without what helps nobody: stacks, and warnings about other packages' wishes. */
function essence(output) {
  return withoutPasswords(output)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(npm error)?\s+at /.test(line) && !/EBADENGINE/.test(line))
    .join('\n');
}

/** Any error of a step as one clear message: what failed, why, and what to do next. */
export function explain(error, step, folder) {
  if (error instanceof SetupError) return error;
  if (error instanceof Interrupted)
    return Object.assign(new SetupError(`${error.message} ${step} was not finished.`, AGAIN), {
      exitCode: error.exitCode,
    });
  const output = essence(error instanceof CommandFailed ? error.output : '');
  const text = `${error.message}\n${output}`;
  const failed = `${step} failed`;
  if (NO_SPACE.test(text))
    return new SetupError(`${failed}: no space is left on the disk of ${folder}.`, `Free some. ${AGAIN}`);
  if (NO_NETWORK.test(text))
    return new SetupError(
      `${failed}: the network or the package registry cannot be reached.\n${output.split('\n').find((line) => NO_NETWORK.test(line)) ?? error.message}`,
      `Check the connection, and the proxy if there is one. ${AGAIN}`,
    );
  if (NOT_WRITABLE.test(text) && !(error instanceof CommandFailed))
    return new SetupError(
      `${failed}: ${folder} cannot be written (${error.message}).`,
      `Make it writable, or set ORGSAGA_HOME to a folder that is. ${AGAIN}`,
    );
  return new SetupError(`${failed}: ${error.message}${output === '' ? '' : `\n${output}`}`, AGAIN);
}
