import type { ReactNode } from 'react';
import { PageHeader } from '../shell/page-header';

/** Stands in the skeleton too, so that the page says what it is before its events have come. */
export function AuditLogHeader({ actions }: { actions: ReactNode }) {
  return (
    <PageHeader
      title="Audit log"
      description="Every action in this workspace. Append-only and hash-chained: any change to a past event is detectable."
      actions={actions}
    />
  );
}
