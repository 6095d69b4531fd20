import { headers } from 'next/headers';
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
  /** Placeholder boxes, with the positions and sizes of the content that replaces them. */
  boxes: ReactNode;
  /** The gap between the boxes, which is that of the page. */
  className?: string;
  /** The actual page, including its header. */
  children: ReactNode;
};

/**
 * Shows the page's header and grey boxes while a client navigation waits for the content. The page must check the
 * user's role before it renders this component. Otherwise, boxes would flash before a redirect, a 403 or a 404.
 */
export async function PendingPage({
  label,
  head,
  actions,
  boxes,
  className = 'gap-6',
  children,
}: PendingPageProps) {
  // Most of a small document would be boxes that nobody sees. A browser that does not send this header gets them anyway.
  const isDocument = (await headers()).get('sec-fetch-dest') === 'document';
  const skeleton = isDocument ? null : (
    <div data-skeleton role="status" aria-label={label} className={cn('flex flex-col', className)}>
      <PageHeader {...head} actions={actions} />
      {boxes}
    </div>
  );
  return <PendingNavigation fallback={skeleton}>{children}</PendingNavigation>;
}
