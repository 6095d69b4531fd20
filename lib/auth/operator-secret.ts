import { createHash, timingSafeEqual } from 'node:crypto';
import { getConfig } from '../config';
import { Problem } from '../problem';

/** Hashes a secret before the comparison, so that timing reveals neither its length nor a matching prefix. */
const digest = (text: string) => createHash('sha256').update(text).digest();

function assertSecret(given: string | null, secret: string | undefined, name: string): void {
  if (secret === undefined || given === null || !timingSafeEqual(digest(given), digest(secret)))
    throw new Problem('unauthenticated', `Send the ${name} as a bearer token.`);
}

/** @throws {Problem} `unauthenticated` if the secret is wrong or missing, or if no `CRON_SECRET` is configured */
export function assertCronSecret(given: string | null): void {
  assertSecret(given, getConfig().cronSecret, 'cron secret');
}

/** @throws {Problem} `unauthenticated` if the token is wrong or missing, or if no `METRICS_TOKEN` is configured */
export function assertMetricsToken(given: string | null): void {
  assertSecret(given, getConfig().metricsToken, 'metrics token');
}
