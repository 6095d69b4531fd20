'use client';

import { type ComponentProps, useLayoutEffect, useRef } from 'react';

type ModalProps = Omit<ComponentProps<'dialog'>, 'ref' | 'open' | 'onClose'> & {
  open: boolean;
  /** The reader has closed it. Not called when it goes because `open` or the page has changed. */
  onClose: () => void;
  /** Id of what gets the focus afterwards, if it is there; else it is what had the focus before. */
  returnFocusTo?: string | undefined;
};

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
      open={typeof window === 'undefined' && open}
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
