import type { Config } from '../config';

type PolicyConfig = Pick<Config, 'publicUrl' | 'isDeployed' | 'isDevelopment'>;

const TWO_YEARS = 63_072_000;

/**
 * Returns the Content-Security-Policy of one page view. Scripts run by their nonce and load others by
 * `strict-dynamic`. Nothing comes from another site, and no page can be framed.
 *
 * Next's dev server needs `eval` and inline styles; a production build needs neither.
 *
 * @param nonce new for every page view
 * @param formTargets origins that our forms lead to, by redirects too (`lib/auth/authorization-origin.ts`)
 * @see https://www.w3.org/TR/CSP3/
 */
export function contentSecurityPolicy(nonce: string, config: PolicyConfig, formTargets: string[]): string {
  const development = config.isDevelopment;
  const directives: Record<string, string[]> = {
    'default-src': ["'none'"],
    'script-src': [
      "'self'",
      `'nonce-${nonce}'`,
      "'strict-dynamic'",
      ...(development ? ["'unsafe-eval'"] : []),
    ],
    'style-src': development ? ["'self'", "'unsafe-inline'"] : ["'self'", `'nonce-${nonce}'`],
    'img-src': ["'self'", 'data:'],
    'font-src': ["'self'"],
    'connect-src': ["'self'"],
    'form-action': ["'self'", ...formTargets],
    'frame-ancestors': ["'none'"],
    'base-uri': ["'none'"],
    'object-src': ["'none'"],
    ...(isHttps(config) ? { 'upgrade-insecure-requests': [] } : {}),
  };
  return Object.entries(directives)
    .map(([name, sources]) => [name, ...sources].join(' '))
    .join('; ');
}

/** Returns the HSTS header of a deployment on https; `null` elsewhere, because it would lock out localhost. */
export function strictTransportSecurity(config: PolicyConfig): string | null {
  return config.isDeployed && isHttps(config) ? `max-age=${TWO_YEARS}; includeSubDomains` : null;
}

function isHttps({ publicUrl }: PolicyConfig): boolean {
  return publicUrl.startsWith('https://');
}
