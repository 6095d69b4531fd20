import { createHash, timingSafeEqual } from 'node:crypto';
import { getConfig } from '../config';
import { Problem } from '../problem';

/** Hashes a secret, so that the time of a comparison reveals neither its length nor a common prefix. */
const digest = (text: string) => createHash('sha256').update(text).digest();

function assertSecret(given: string | null, secret: string | undefined, name: string): void {
  if (secret === undefined || given === null || !timingSafeEqual(digest(given), digest(secret)))
    throw new Problem('unauthenticated', `Send the ${name} as a bearer token.`);
}

/** @throws {Problem} `unauthenticated`, also without a configured `CRON_SECRET` */
export function assertCronSecret(given: string | null): void {
  assertSecret(given, getConfig().cronSecret, 'cron secret');
}

/** @throws {Problem} `unauthenticated`, also without a configured `METRICS_TOKEN` */
export function assertMetricsToken(given: string | null): void {
  assertSecret(given, getConfig().metricsToken, 'metrics token');
}
