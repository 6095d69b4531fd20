import type { ReactNode } from 'react';
import { cn } from '../ui/cn';
import { PageHeader } from './page-header';
import { PendingNavigation } from './pending-navigation';

type PendingPageProps = {
  /** Tells screen readers what is loading. */
  label: string;
  head: { title: string; description: string };
  /** Placeholder boxes for the header's actions. */
  actions?: ReactNode;
  /** Placeholder boxes with the same positions and sizes as the content. */
  boxes: ReactNode;
  className?: string;
  /** The page with its header. */
  children: ReactNode;
};

/**
 * Shows a page's header and grey boxes while a client navigation waits for its content. The page checks the reader's
 * role before it renders this component, so no boxes are shown before a redirect, a 403 or a 404.
 */
export function PendingPage({ label, head, actions, boxes, className, children }: PendingPageProps) {
  const skeleton = (
    <div data-skeleton role="status" aria-label={label} className={cn('flex flex-col gap-6', className)}>
      <PageHeader {...head} actions={actions} />
      {boxes}
    </div>
  );
  return <PendingNavigation fallback={skeleton}>{children}</PendingNavigation>;
}
