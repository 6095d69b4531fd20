/** The operator's CLI. It writes JSON to stdout and messages to stderr, and exits with 1 on failure. */
import { symbols } from 'pino';
import { closeDb } from '../lib/db/client';
import { log } from '../lib/observability/log';
import { runAdmin } from './run-admin';

// Send log lines to standard error, because standard output is reserved for the result.
Reflect.set(log, symbols.streamSym, { write: (line: string) => process.stderr.write(line) });

await runAdmin(process.argv.slice(2)).finally(closeDb);
