export type OutputStream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number; rows?: number };

/** Which ask a program to end; SIGHUP comes when its terminal is closed. */
export type EndingSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** Everything that the program sees of its process, so that tests can give it another. */
export interface Io {
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  stdout: OutputStream;
  stderr: OutputStream;
  env: Readonly<Record<string, string | undefined>>;
  signals: {
    on(signal: EndingSignal, listener: () => void): unknown;
    off(signal: EndingSignal, listener: () => void): unknown;
  };
  /** Ends the process at once, with nothing awaited. */
  exit(code: number): void;
}

/** Whether a person sits there who can be asked: questions go to stderr, answers come from stdin. */
export const isInteractive = (io: Io): boolean => io.stdin.isTTY === true && io.stderr.isTTY === true;

export const processIo: Io = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signals: process,
  exit: (code) => process.exit(code),
};
