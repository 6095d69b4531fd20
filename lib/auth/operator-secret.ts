import { createHash, timingSafeEqual } from 'node:crypto';
import { getConfig } from '../config';
import { Problem } from '../problem';

/**
 * Hashes both secrets before they are compared, so timing reveals neither the secret's length nor a matching prefix.
 */
const digest = (text: string) => createHash('sha256').update(text).digest();

/** @param secrets the current secret, and during a rotation also the previous one; empty if none is configured */
function assertSecret(given: string | null, secrets: readonly string[], name: string): void {
  if (given === null || !secrets.some((secret) => timingSafeEqual(digest(given), digest(secret))))
    throw new Problem('unauthenticated', `Send the ${name} as a bearer token.`);
}

/**
 * Checks the bearer token against `CRON_SECRET`, and during a rotation also against the previous one.
 *
 * @throws {Problem} `unauthenticated` if the token is wrong or missing, or if `CRON_SECRET` isn't set
 */
export function assertCronSecret(given: string | null): void {
  assertSecret(given, getConfig().cronSecrets, 'cron secret');
}

/**
 * Checks the bearer token against `METRICS_TOKEN`, and during a rotation also against the previous one.
 *
 * @throws {Problem} `unauthenticated` if the token is wrong or missing, or if `METRICS_TOKEN` isn't set
 */
export function assertMetricsToken(given: string | null): void {
  assertSecret(given, getConfig().metricsTokens, 'metrics token');
}
