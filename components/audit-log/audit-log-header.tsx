import type { ReactNode } from 'react';
import { PageHeader } from '../shell/page-header';

/** Stands in the skeleton too, so that the page says what it is before its events have come. */
export function AuditLogHeader({ actions }: { actions: ReactNode }) {
  return (
    <PageHeader
      title="Audit log"
      description="Everything that was done in this workspace, newest first. Nobody can change or remove an event, us included."
      actions={actions}
    />
  );
}
