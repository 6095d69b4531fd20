import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { counted } from '@/lib/contract/counted';

type EndedConnectionsProps = {
  count: number;
  /** Whether the list starts out open: only if nothing else on the page explains how the connection ended. */
  open: boolean;
  /** The cards of the ended connections. */
  children: ReactNode;
};

/** Lists ended connections in a collapsible section below the connections in use. */
export function EndedConnections({ count, open, children }: EndedConnectionsProps) {
  return (
    <section aria-labelledby="ended">
      <h2 id="ended" className="sr-only">
        Ended connections
      </h2>
      <details open={open} className="group">
        <summary className="inline-flex items-center gap-1.5 rounded-md py-1 pr-2 text-muted text-sm hover:text-foreground">
          <ChevronRight aria-hidden className="size-4 transition-transform group-open:rotate-90" />
          {counted(count, 'ended connection')}
        </summary>
        <div className="mt-3 grid grid-cols-1 gap-4">{children}</div>
      </details>
    </section>
  );
}
