import type { ReactNode } from 'react';
import { PageHeader } from '../shell/page-header';

/** Stands in the skeleton too, so that the page says what it is before its keys have come. */
export function ApiKeysHeader({ actions }: { actions: ReactNode }) {
  return (
    <PageHeader
      title="API keys"
      description="What your services mint tokens with. Each key belongs to this workspace only, and can be bound to some of its repositories."
      actions={actions}
    />
  );
}
