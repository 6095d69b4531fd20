import { verify } from 'node:crypto';
import type { Clock } from '../clock';
import type { AppKeys, AppSettings } from '../settings';
import { ApiError, undecodableJwt } from './errors';

/**
 * An App JWT may expire at most ten minutes from now.
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
const MAX_LIFETIME_SECONDS = 600;
/** How far a JWT's `iat` may be ahead of GitHub's clock, to allow for clock skew. */
const SKEW_SECONDS = 5;

/**
 * Verifies an App JWT by GitHub's rules, and rejects an invalid one with GitHub's error message.
 *
 * @throws ApiError 401, or 404 if the issuer is another App
 */
export function verifyAppJwt(jwt: string, settings: AppSettings, keys: AppKeys, clock: Clock): void {
  const [header64 = '', payload64 = '', signature64 = '', ...rest] = jwt.split('.');
  const header = decodePart(header64);
  const claims = decodePart(payload64);
  if (!header || !claims || rest.length > 0 || header.alg !== 'RS256') throw undecodableJwt();
  checkIssuer(claims.iss, settings);
  const signed = Buffer.from(`${header64}.${payload64}`);
  const signature = Buffer.from(signature64, 'base64url');
  if (!keys.all().some((key) => verify('RSA-SHA256', signed, key, signature))) throw undecodableJwt();
  checkTimes(claims, clock.seconds());
}

function decodePart(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function checkIssuer(issuer: unknown, settings: AppSettings): void {
  if (issuer === undefined) throw new ApiError(401, "Missing 'issuer' claim ('iss')");
  if (settings.issuers === 'id' && typeof issuer !== 'number')
    throw new ApiError(401, "'Issuer' claim ('iss') must be an Integer");
  if (issuer === settings.clientId || issuer === settings.id || issuer === String(settings.id)) return;
  throw new ApiError(404, 'Integration not found');
}

function checkTimes(claims: Record<string, unknown>, now: number): void {
  const { iat, exp } = claims;
  if (typeof exp !== 'number' || exp <= now) {
    throw new ApiError(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  }
  if (exp > now + MAX_LIFETIME_SECONDS) {
    throw new ApiError(401, "'Expiration time' claim ('exp') is too far in the future");
  }
  if (!Number.isInteger(iat) || Number(iat) > now + SKEW_SECONDS) {
    throw new ApiError(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    );
  }
}
