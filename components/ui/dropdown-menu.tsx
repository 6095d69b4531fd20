'use client';

import { type ComponentProps, useEffect, useRef } from 'react';
import { cn } from './cn';

/**
 * Menu of links and forms, built on `<details>`, so it opens without JavaScript and screen readers announce it as a
 * disclosure. With JavaScript, it also closes on Escape, on a click outside, and when the focus leaves it.
 * Following one of its links closes it too, and so does submitting a form around or within it.
 */
export function DropdownMenu({ className, children, ...props }: ComponentProps<'details'>) {
  const ref = useRef<HTMLDetailsElement>(null);

  useEffect(() => {
    const close = () => ref.current?.removeAttribute('open');
    // Closing hides the focused element, which would lose the focus. Move it to the menu's button.
    const closeAndStay = () => {
      close();
      ref.current?.querySelector('summary')?.focus();
    };
    const onPointerDown = (event: PointerEvent) => {
      if (event.target instanceof Node && !ref.current?.contains(event.target)) close();
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && ref.current?.open) closeAndStay();
    };
    const onClick = (event: MouseEvent) => {
      if (event.target instanceof Element && event.target.closest('a') && ref.current?.contains(event.target))
        closeAndStay();
    };
    const onFocusOut = ({ relatedTarget }: FocusEvent) => {
      if (relatedTarget instanceof Node && !ref.current?.contains(relatedTarget)) close();
    };
    const isOver = new AbortController();
    const { signal } = isOver;
    ref.current?.addEventListener('focusout', onFocusOut, { signal });
    document.addEventListener('pointerdown', onPointerDown, { signal });
    document.addEventListener('keydown', onKeyDown, { signal });
    document.addEventListener('click', onClick, { signal });
    return () => isOver.abort();
  }, []);

  return (
    <details ref={ref} className={cn('group relative', className)} {...props}>
      {children}
    </details>
  );
}

export function DropdownMenuTrigger({ className, children, ...props }: ComponentProps<'summary'>) {
  return (
    <summary
      className={cn('flex items-center gap-2 text-sm hover:bg-hover group-open:bg-hover', className)}
      {...props}
    >
      {children}
    </summary>
  );
}

export function DropdownMenuContent({
  className,
  align = 'start',
  ...props
}: ComponentProps<'div'> & { align?: 'start' | 'end' }) {
  return (
    <div
      className={cn(
        'absolute top-full z-30 mt-1.5 w-64 max-w-[calc(100vw-2rem)] rounded-xl border bg-card p-1.5 shadow-lg',
        align === 'end' ? 'right-0' : 'left-0',
        className,
      )}
      {...props}
    />
  );
}

/** The classes for a menu row, which is a link or a form's button. */
export const dropdownItemClasses =
  'flex w-full items-center gap-2.5 rounded-md px-2.5 py-2 text-left text-sm hover:bg-hover [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-muted';
