import type { Config } from '../config';

type PolicyConfig = Pick<Config, 'publicUrl' | 'isDeployed' | 'isDevelopment'>;

const TWO_YEARS = 63_072_000;

/**
 * Returns the Content-Security-Policy for one page view. Only scripts with the nonce run, though they may load further
 * scripts (`strict-dynamic`). Nothing else may be loaded from other sites, and no other site can frame our pages.
 *
 * Next's dev server needs `eval` and inline styles. A production build needs neither.
 *
 * @param nonce a fresh value for every page view
 * @param formTargets origins that our forms may lead to, directly or by redirect (`lib/auth/authorization-origin.ts`)
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

/**
 * Returns the value of the HSTS header for a deployment on https, or `null` for any other. On a developer's machine,
 * HSTS would make plain-http localhost unreachable.
 */
export function strictTransportSecurity(config: PolicyConfig): string | null {
  return config.isDeployed && isHttps(config) ? `max-age=${TWO_YEARS}; includeSubDomains` : null;
}

function isHttps({ publicUrl }: PolicyConfig): boolean {
  return publicUrl.startsWith('https://');
}
