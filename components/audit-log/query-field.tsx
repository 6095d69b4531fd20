'use client';

import { type ReactNode, useEffect, useRef } from 'react';

/**
 * Completes what is typed into the field it contains. The script for that is loaded when the field gets the focus. The
 * server renders the field, so its looks are no part of the page's script.
 */
export function QueryField({ children }: { children: ReactNode }) {
  const ref = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const input = ref.current?.querySelector('input');
    if (!input) return;
    let stop: (() => void) | undefined;
    let isOver = false;
    const begin = () =>
      import('./complete-query').then(
        ({ completeQuery }) => {
          if (!isOver) stop ??= completeQuery(input);
        },
        // Without the script, the field takes the same text.
        () => {},
      );
    if (document.activeElement === input) begin();
    input.addEventListener('focus', begin, { once: true });
    return () => {
      isOver = true;
      input.removeEventListener('focus', begin);
      stop?.();
    };
  }, []);
  return (
    <span ref={ref} className="relative block min-w-0 flex-1">
      {children}
    </span>
  );
}
