'use client';

import { type ComponentProps, useLayoutEffect, useRef, useState } from 'react';

type ModalProps = Omit<ComponentProps<'dialog'>, 'ref' | 'open' | 'onClose'> & {
  /** Whether it is open, or the number of its opening (`useOpening`). */
  open: boolean | number;
  /** Called when the reader closes it, not when `open` or the page changes. */
  onClose: () => void;
  /** The id of the element that gets the focus afterwards. Without it the focus returns to the last element. */
  returnFocusTo?: string | undefined;
};

/**
 * Counts the openings of a modal. The browser closes a modal before the `close` event reaches the page. Another
 * opening in between needs a new value, because the same value would render nothing.
 */
export function useOpening(): { opening: number; open: () => void; close: () => void } {
  const [opening, setOpening] = useState(0);
  return { opening, open: () => setOpening((last) => last + 1), close: () => setOpening(0) };
}

/**
 * The browser's own modal dialog. It keeps the focus inside, makes the page behind it inert, closes on Escape and
 * returns the focus. If the server renders it open, it is visible without JavaScript, and becomes modal with the
 * script.
 */
export function Modal({ open, onClose, returnFocusTo, ...props }: ModalProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const returnFocus = () => returnFocusTo && document.getElementById(returnFocusTo)?.focus();

  // biome-ignore lint/correctness/useExhaustiveDependencies: `returnFocus` is new each time
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (!open || dialog === null) return;
    dialog.removeAttribute('open');
    dialog.showModal();
    // By default, a browser may focus the element that scrolls.
    dialog.querySelector<HTMLElement>('a[href], button, input:not([type=hidden])')?.focus();
    return () => {
      if (!dialog.open) return;
      dialog.close();
      returnFocus();
    };
  }, [open, returnFocusTo]);

  return (
    <dialog
      ref={ref}
      suppressHydrationWarning
      open={typeof window === 'undefined' && Boolean(open)}
      onClose={() => {
        // The event comes late. The modal may be open again by then, or gone.
        if (ref.current?.open !== false) return;
        returnFocus();
        onClose();
      }}
      {...props}
    />
  );
}
