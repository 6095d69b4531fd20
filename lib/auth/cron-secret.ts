import { createHash, timingSafeEqual } from 'node:crypto';
import { getConfig } from '../config';
import { Problem } from '../problem';
import { readBearer } from './bearer';

/** Hashed first, so that neither the length nor a common beginning shows in the time that it takes. */
const digest = (text: string) => createHash('sha256').update(text).digest();

/** @throws {Problem} `unauthenticated`, also when no `CRON_SECRET` is configured */
export function assertCronSecret(authorization: string | null): void {
  const { cronSecret } = getConfig();
  const given = readBearer(authorization);
  if (cronSecret === undefined || given === null || !timingSafeEqual(digest(given), digest(cronSecret)))
    throw new Problem('unauthenticated', 'Send the cron secret as a bearer token.');
}
