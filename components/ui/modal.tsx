'use client';

import { type ComponentProps, useLayoutEffect, useRef, useState } from 'react';

type ModalProps = Omit<ComponentProps<'dialog'>, 'ref' | 'open' | 'onClose'> & {
  /** A number counts openings (`useOpening`); 0 is closed. */
  open: boolean | number;
  /** The reader has closed it. Not called when it goes because `open` or the page has changed. */
  onClose: () => void;
  /** Id of what gets the focus afterwards, if it is there; else it is what had the focus before. */
  returnFocusTo?: string | undefined;
};

/**
 * Counts the openings of a modal. The browser closes it before the `close` event tells the page, so an opening in
 * between has to be another value than the last one: the same value would render nothing.
 */
export function useOpening(): { opening: number; open: () => void; close: () => void } {
  const [opening, setOpening] = useState(0);
  return { opening, open: () => setOpening((last) => last + 1), close: () => setOpening(0) };
}

/**
 * The browser's own modal dialog: it keeps the focus inside, makes the page behind inert, closes on Escape and gives
 * the focus back. Sent open by the server it is seen without JavaScript, and becomes modal when the script is there.
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
    // Left to itself, a browser may choose what scrolls.
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
        // The event comes late: by then it may be open again, or gone.
        if (ref.current?.open !== false) return;
        returnFocus();
        onClose();
      }}
      {...props}
    />
  );
}
