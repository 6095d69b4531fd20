import { VerificationResult } from '@/components/audit-log/verification-result';
import { verifyAuditChain } from '@/lib/audit/verify';

type VerificationProps = { workspaceId: string; dismissHref: string };

/** Verifies while the rest of the page is shown already. */
export async function Verification({ workspaceId, dismissHref }: VerificationProps) {
  return <VerificationResult result={await verifyAuditChain(workspaceId)} dismissHref={dismissHref} />;
}
