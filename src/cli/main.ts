#!/usr/bin/env node
import { processIo } from './io.js';
import { realDeps } from './real-deps.js';
import { run } from './run.js';

// A reader that has had enough (`orgsaga runs | head -1`) is no error of ours, nor is a terminal that was closed.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });

// A worker that another process of ours has started ends with it, also when that one is killed.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));

process.exitCode = await run(process.argv.slice(2), processIo, realDeps);
// Connections that are kept open must not keep the program.
process.stdout.write('', () => process.stderr.write('', () => process.exit()));
