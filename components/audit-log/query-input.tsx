'use client';

import { type ComponentProps, useEffect, useRef } from 'react';
import { Input } from '../ui/field';

/** The search field of the log. The script that completes what is typed is loaded when the field gets the focus. */
export function QueryInput(props: ComponentProps<'input'>) {
  const ref = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const input = ref.current;
    if (input === null) return;
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
    <Input
      ref={ref}
      type="search"
      enterKeyHint="search"
      autoComplete="off"
      autoCapitalize="off"
      spellCheck={false}
      className="pl-9"
      {...props}
    />
  );
}
