'use client';

import { useSearchParams } from 'next/navigation';
import { type ReactNode, useEffect, useRef } from 'react';
import { FocusOnArrival } from './focus-on-arrival';

/** How long a toast stays once the reader has left it. WCAG 2.2.1 wants more time than a glance takes. */
const STAYS_MS = 8_000;

type ToastProps = {
  /** Whether it stays until it is dismissed, because nobody should have to hurry to its button. */
  stays?: boolean;
  /** The URL of the page without the toast. */
  dismissHref: string;
  children: ReactNode;
};

/**
 * Floats above the page, so nothing moves when it comes or goes. It disappears after a while, but never while the
 * pointer is on it or one of its controls has the focus. The focus that the toast takes on arrival doesn't count: it
 * stays there until the reader moves it. Without JavaScript the toast stays, with its link to dismiss it.
 */
export function Toast({ stays = false, dismissHref, children }: ToastProps) {
  // Read from the URL, not kept as state: the same success again may reuse this component, and must be shown again.
  const isShown = useSearchParams().has('notice');
  const ref = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (stays || !isShown) return;
    const timer = setInterval(() => {
      if (ref.current?.matches(':hover, :has(:is(a, button):focus)')) return;
      // Neither a reload nor a refresh of the page's data shows it again. Next notices the new URL only without a state.
      window.history.replaceState(null, '', dismissHref);
    }, STAYS_MS);
    return () => clearInterval(timer);
  }, [stays, isShown, dismissHref]);

  if (!isShown) return null;
  return (
    <div
      ref={ref}
      data-stays={stays || undefined}
      className="fixed inset-x-4 bottom-4 z-40 rounded-xl bg-card shadow-lg sm:left-auto sm:w-96 print:hidden"
    >
      <FocusOnArrival>{children}</FocusOnArrival>
    </div>
  );
}
