'use client';

import { type ReactNode, useEffect, useRef } from 'react';

/**
 * Takes the focus when it appears, so a screen reader announces it and Tab continues from there. A live region would
 * not help, because most screen readers ignore one that is part of the loaded page. There is no focus outline, because
 * the content has a frame.
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
