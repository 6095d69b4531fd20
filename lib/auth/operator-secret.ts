import { createHash, timingSafeEqual } from 'node:crypto';
import { getConfig } from '../config';
import { Problem } from '../problem';

/**
 * Hashes both secrets before they are compared, so timing reveals neither the secret's length nor a matching prefix.
 */
const digest = (text: string) => createHash('sha256').update(text).digest();

function assertSecret(given: string | null, secret: string | undefined, name: string): void {
  if (secret === undefined || given === null || !timingSafeEqual(digest(given), digest(secret)))
    throw new Problem('unauthenticated', `Send the ${name} as a bearer token.`);
}

/**
 * Checks the bearer token against `CRON_SECRET`.
 *
 * @throws {Problem} `unauthenticated` if the token is wrong or missing, or if `CRON_SECRET` isn't set
 */
export function assertCronSecret(given: string | null): void {
  assertSecret(given, getConfig().cronSecret, 'cron secret');
}

/**
 * Checks the bearer token against `METRICS_TOKEN`.
 *
 * @throws {Problem} `unauthenticated` if the token is wrong or missing, or if `METRICS_TOKEN` isn't set
 */
export function assertMetricsToken(given: string | null): void {
  assertSecret(given, getConfig().metricsToken, 'metrics token');
}
