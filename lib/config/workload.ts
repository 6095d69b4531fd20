import { z } from 'zod';

const MAX_ISSUERS = 50;
const MAX_AUDIENCE_LENGTH = 255;

/**
 * True if the text is an issuer in the only spelling that its URL has. The `iss` of a token is compared byte for byte, so
 * another spelling, such as an upper-case host, would match no token.
 *
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html#IssuerDiscovery
 */
function isIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { href, protocol, username, password } = new URL(text);
  const isPlain = username === '' && password === '' && !/[?#]/.test(text);
  return /^https?:$/.test(protocol) && isPlain && (text === href || `${text}/` === href);
}

export const workloadIssuers = z
  .string()
  .transform((value) => [...new Set(value.split(',').map((issuer) => issuer.trim()))])
  .refine((issuers) => issuers.every(isIssuer), {
    error:
      'must be https URLs with commas between, exactly as tokens name them: host in lower case, no default port, user, query or fragment',
  })
  .refine((issuers) => issuers.length <= MAX_ISSUERS, {
    error: `must be at most ${MAX_ISSUERS} issuers`,
  });

export const workloadAudience = z
  .string()
  .max(MAX_AUDIENCE_LENGTH, { error: `must be at most ${MAX_AUDIENCE_LENGTH} characters` });

/** Audiences of other services. A token for one of them would otherwise be accepted here as well. */
const FOREIGN_AUDIENCES = [
  /^sts\.amazonaws\.com$/i,
  /^api:\/\/AzureADTokenExchange$/i,
  /^https:\/\/iam\.googleapis\.com\//i,
  /^https:\/\/kubernetes\.default(?:\.svc(?:\.cluster\.local)?)?\/?$/i,
  // The default of GitHub Actions, for all services: the URL of the repository's owner.
  /^https:\/\/github\.com(?:\/|$)/i,
  /^(?:sigstore|pypi|vault)$/i,
] as const;

/**
 * Checks that an audience is this service's own.
 *
 * @param issuers an issuer's own URL is the default audience of Kubernetes
 * @returns what is wrong, or `undefined`
 */
export function audienceFault(audience: string, issuers: readonly string[]): string | undefined {
  const withoutSlash = (url: string) => url.replace(/\/$/, '');
  if (issuers.some((issuer) => withoutSlash(issuer) === withoutSlash(audience)))
    return 'must be this service’s own, not an issuer';
  return FOREIGN_AUDIENCES.some((pattern) => pattern.test(audience))
    ? 'must be this service’s own, not another service’s'
    : undefined;
}
