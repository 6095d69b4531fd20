import type { ReactNode } from 'react';
import { PageHeader } from '../shell/page-header';

/** Stands in the skeleton too, so that the page says what it is before the connections have come. */
export function GitHubHeader({ actions }: { actions: ReactNode }) {
  return (
    <PageHeader
      title="GitHub"
      description="Which repositories PulseStream may read, and through which accounts."
      actions={actions}
    />
  );
}
