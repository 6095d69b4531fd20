'use client';

import { type ReactNode, useEffect, useRef } from 'react';

/**
 * Takes the focus when it appears, so that a screen reader reads it and Tab continues from it. Most screen readers
 * skip a live region that comes with the page. Its content has a frame already, so the focus adds none.
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
