'use client';

import { type ReactNode, useEffect, useRef } from 'react';

/**
 * Takes the focus on mount, so screen readers announce the content and Tab continues from it. A live region wouldn't
 * help, because most screen readers ignore one that is already in the page when it loads. The content has a frame of
 * its own, so it needs no focus outline.
 */
export function FocusOnArrival({ children }: { children: ReactNode }) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => ref.current?.focus({ preventScroll: true }), []);
  return (
    <div ref={ref} tabIndex={-1} className="outline-none">
      {children}
    </div>
  );
}
