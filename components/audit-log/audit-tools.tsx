import { ShieldCheck } from 'lucide-react';
import { ButtonLink } from '../ui/button-link';

/** What an auditor does with the whole log; the export takes its place beside Verify. */
export function AuditTools({ verifyHref }: { verifyHref: string }) {
  return (
    <ButtonLink size="sm" href={verifyHref} prefetch={false} scroll={false}>
      <ShieldCheck aria-hidden />
      Verify
    </ButtonLink>
  );
}
