/** `npm run doctor`: checks a configured environment against its real services. Exits with 1 if a check fails. */
import { closeDb } from '../lib/db/client';
import { log } from '../lib/observability/log';
import { runDoctor } from './run-doctor';

// The findings say what the log would, and standard output is reserved for them.
log.level = 'silent';

process.exitCode = await runDoctor(process.argv.slice(2));
await closeDb();
