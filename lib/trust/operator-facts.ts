import type { Config } from '../config';
import { counted } from '../contract/counted';

/** The operator's statements about this deployment; `null` for each thing not stated. */
export type OperatorFacts = {
  hosting: string | null;
  deletion: string | null;
  /** A `mailto:` or `https:` address. */
  contact: string | null;
  security: { contact: string | null; policyUrl: string | null };
  /** Each kind of stored data, and for how long it is kept. */
  retention: { what: string; kept: string }[];
};

/** Returns the operator's statements, and the retention that the configuration enforces (`lib/sync/prune.ts`). */
export function operatorFacts({ statements, retentionDays, auditRetentionDays }: Config): OperatorFacts {
  const days = (n: number) => counted(n, 'day');
  return {
    hosting: statements.hosting ?? null,
    deletion: statements.deletion ?? null,
    contact: statements.contact ?? null,
    security: {
      contact: statements.securityContact ?? null,
      policyUrl: statements.securityPolicyUrl ?? null,
    },
    retention: [
      {
        what: 'Audit events',
        kept:
          auditRetentionDays === undefined
            ? 'as long as the workspace'
            : `archived to files after ${days(auditRetentionDays)}`,
      },
      { what: 'Repositories, after disconnecting', kept: days(retentionDays.repositories) },
      { what: 'Ended keys and rules', kept: days(retentionDays.api_keys) },
      { what: 'Webhook ids', kept: days(retentionDays.webhook_deliveries) },
    ],
  };
}

/**
 * Writes security.txt for this deployment.
 *
 * @returns `null` if the operator states no address for vulnerabilities
 * @see https://www.rfc-editor.org/rfc/rfc9116
 */
export function securityTxt({ statements, publicUrl }: Config, now: Date): string | null {
  if (statements.securityContact === undefined) return null;
  return [
    `Contact: ${statements.securityContact}`,
    `Expires: ${expiryAfter(now)}`,
    ...(statements.securityPolicyUrl === undefined ? [] : [`Policy: ${statements.securityPolicyUrl}`]),
    'Preferred-Languages: en',
    `Canonical: ${publicUrl}/.well-known/security.txt`,
    '',
  ].join('\n');
}

/** The RFC recommends less than a year. The file is written for each request, so it never gets old. */
const VALID_DAYS = 30;

/** Returns the midnight in UTC at which the file expires, so that the file changes once a day. */
function expiryAfter(now: Date): string {
  const expiry = new Date(now);
  expiry.setUTCHours(0, 0, 0, 0);
  expiry.setUTCDate(expiry.getUTCDate() + VALID_DAYS);
  return expiry.toISOString().replace('.000', '');
}
