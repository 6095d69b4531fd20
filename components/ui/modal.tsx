'use client';

import { type ComponentProps, useLayoutEffect, useRef, useState } from 'react';

type ModalProps = Omit<ComponentProps<'dialog'>, 'ref' | 'open' | 'onClose'> & {
  /** Whether the modal is open, or a number that differs each time it opens (see `useOpening`). */
  open: boolean | number;
  /** Called when the reader closes the modal, but not when `open` or the page changes. */
  onClose: () => void;
  /**
   * The id of the element that receives the focus after closing. The default is the element that had the focus before.
   */
  returnFocusTo?: string | undefined;
};

/**
 * Counts how often a modal was opened. The browser closes a modal before it dispatches the `close` event. If the modal
 * is opened again in between, React shows it only because the count is new.
 */
export function useOpening(): { opening: number; open: () => void; close: () => void } {
  const [opening, setOpening] = useState(0);
  return { opening, open: () => setOpening((last) => last + 1), close: () => setOpening(0) };
}

/**
 * The browser's own modal dialog. It keeps the focus inside, makes the page behind it inert, closes on Escape and
 * returns the focus. A dialog rendered open by the server is visible without JavaScript, and becomes modal once the
 * script runs.
 */
export function Modal({ open, onClose, returnFocusTo, ...props }: ModalProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const returnFocus = () => returnFocusTo && document.getElementById(returnFocusTo)?.focus();

  // biome-ignore lint/correctness/useExhaustiveDependencies: `returnFocus` is a new function at each render
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (!open || dialog === null) return;
    dialog.removeAttribute('open');
    dialog.showModal();
    // Without this call, a browser may focus the scrollable element instead.
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
        // By the time the `close` event arrives, the modal may be open again or unmounted.
        if (ref.current?.open !== false) return;
        returnFocus();
        onClose();
      }}
      {...props}
    />
  );
}
