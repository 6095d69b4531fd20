import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { readKeys } from '../../lib/evidence/keys';
import { verifyEvidence } from '../../lib/evidence/signature';
import { command } from '../command';

/** Exits with 1 if the file was changed or has no signature of these keys. Needs no configuration, and no network. */
export const evidenceVerify = command({
  summary:
    'Verify an evidence pack, JSON or PDF, with the published keys (/.well-known/evidence-keys.pem); exit code 1 if it was changed',
  usage: '--file evidence.json --keys evidence-keys.pem',
  options: z.strictObject({ file: z.string(), keys: z.string() }),
  isOffline: () => true,
  async run({ file, keys }) {
    const verification = verifyEvidence(await readFile(file), readKeys(await readFile(keys, 'utf8')));
    if (!verification.ok) {
      console.error(verification.reason);
      process.exitCode = 1;
    }
    return verification;
  },
});
