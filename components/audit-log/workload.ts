import type { AuditEvent } from '@/lib/contract/audit-event';
import { readFact } from '@/lib/contract/audit-types';

/** The identity token with which a service authenticated, and the trust rule that accepted it. */
export type Workload = { issuer: string; subject: string; rule: { id: string; name: string } };

/** Returns who issued an event's identity token and which rule accepted it. `null` if the actor had none. */
export function workloadOf(event: AuditEvent): Workload | null {
  const details = readFact(event)?.details ?? {};
  return ('workload' in details && details.workload) || null;
}

/** Returns an issuer as a row shows it, without `https://`. */
export const issuerInWords = (issuer: string): string => issuer.replace(/^https:\/\//, '');

/** Returns the address of a trust rule's page, which names the rule even if it was revoked. */
export const trustRuleHref = (workspaceSlug: string, id: string): string =>
  `/w/${workspaceSlug}/settings/trust-rules/${encodeURIComponent(id)}`;
