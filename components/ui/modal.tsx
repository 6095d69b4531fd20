'use client';

import { type ComponentProps, useLayoutEffect, useRef } from 'react';

type ModalProps = Omit<ComponentProps<'dialog'>, 'ref' | 'open' | 'onClose'> & {
  /** Whether the modal is open, or a number that is different each time the modal opens (see `useOpening`). */
  open: boolean | number;
  /** Called when the user closes the modal, but not when it closes because `open` or the page has changed. */
  onClose: () => void;
  /** The id of the element to focus after closing. By default, the element that had the focus before. */
  returnFocusTo?: string | undefined;
};

/**
 * The native modal dialog. It traps the focus, makes the page behind it inert, closes on Escape and gives the focus
 * back. If the server renders it open, it is visible without JavaScript and becomes modal once the script runs.
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
    // Focus the first control ourselves, because some browsers would focus the scrollable element instead.
    dialog.querySelector<HTMLElement>('a[href], button, select, input:not([type=hidden])')?.focus();
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
        // The `close` event arrives late. By now, the modal may be open again or unmounted.
        if (ref.current?.open !== false) return;
        returnFocus();
        onClose();
      }}
      {...props}
    />
  );
}
