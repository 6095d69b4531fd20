import { ShieldCheck } from 'lucide-react';
import Link from 'next/link';
import { Button } from '../ui/button';

/** What an auditor does with the whole log; the export takes its place beside Verify. */
export function AuditTools({ verifyHref }: { verifyHref: string }) {
  return (
    <Button asChild size="sm">
      <Link href={verifyHref} prefetch={false} scroll={false}>
        <ShieldCheck aria-hidden />
        Verify
      </Link>
    </Button>
  );
}
