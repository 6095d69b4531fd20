import { X } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { DrawerOnDemand } from './drawer-on-demand';

type DrawerProps = {
  title: ReactNode;
  /** The URL of the page without the drawer. */
  closeHref: string;
  /** The id of the link that opened the drawer. It gets the focus back when the drawer closes. */
  returnFocusTo?: string | undefined;
  children: ReactNode;
  /** Stays at the bottom while the rest of the drawer scrolls. */
  footer?: ReactNode;
};

/**
 * Shows details at the right of the page, or over all of it on a narrow screen. The server renders the open drawer at a
 * URL of its own, so its Close link works even without JavaScript.
 */
export function Drawer({ title, closeHref, returnFocusTo, children, footer }: DrawerProps) {
  const titleId = useId();
  return (
    <DrawerOnDemand
      aria-labelledby={titleId}
      closeHref={closeHref}
      returnFocusTo={returnFocusTo}
      className="fixed inset-0 z-50 h-dvh max-h-none w-full max-w-none overflow-hidden bg-overlay text-foreground backdrop:bg-transparent"
    >
      {/* The whole drawer scrolls, not just a part of it. So the arrow keys scroll it as soon as its first link has the
          focus. */}
      <div className="absolute inset-y-0 right-0 z-10 flex w-full max-w-xl starting:translate-x-6 flex-col overflow-y-auto overscroll-contain bg-card shadow-xl transition-transform sm:border-l">
        <div className="sticky top-0 z-10 flex items-start justify-between gap-4 border-b bg-card px-5 py-4">
          <h2 id={titleId} className="wrap-anywhere min-w-0 font-semibold text-lg tracking-tight">
            {title}
          </h2>
          <a
            href={closeHref}
            data-close
            aria-label="Close"
            className="rounded-md p-1.5 text-muted hover:bg-hover hover:text-foreground"
          >
            <X aria-hidden className="size-4" />
          </a>
        </div>
        <div className="flex-1 px-5 py-5">{children}</div>
        {footer ? <div className="sticky bottom-0 border-t bg-surface px-5 py-3">{footer}</div> : null}
      </div>
      {/* biome-ignore lint/a11y/useAnchorContent: only for pointers, the link above is for everybody */}
      <a href={closeHref} data-close tabIndex={-1} aria-hidden className="absolute inset-0" />
    </DrawerOnDemand>
  );
}
