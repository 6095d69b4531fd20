'use client';

import { type ReactNode, useEffect, useRef } from 'react';

/**
 * Takes the focus when it appears: what answers something that the reader just did is read out, and Tab goes on from
 * it. A live region that comes with the page is not read out by most screen readers. What is in it has a frame already:
 * it needs none for the focus, which nothing can be done with.
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
