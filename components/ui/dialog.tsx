'use client';

import { type ReactNode, useId } from 'react';
import { Icon } from './icon';
import { Modal } from './modal';

type DialogProps = {
  open: number;
  onClose: () => void;
  title: ReactNode;
  description: ReactNode;
  /** See {@link Modal}. */
  returnFocusTo?: string | undefined;
  children: ReactNode;
};

/** A modal dialog in the middle of the page. */
export function Dialog({ open, onClose, title, description, returnFocusTo, children }: DialogProps) {
  const id = useId();
  return (
    <Modal
      open={open}
      onClose={onClose}
      returnFocusTo={returnFocusTo}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-description`}
      className="fixed inset-0 z-50 m-auto max-h-[calc(100dvh-2rem)] w-[calc(100%-2rem)] max-w-lg overflow-y-auto rounded-xl border bg-card p-6 text-foreground shadow-xl backdrop:bg-overlay"
    >
      {open ? (
        <>
          <h2 id={`${id}-title`} className="wrap-anywhere pr-8 font-semibold text-lg tracking-tight">
            {title}
          </h2>
          <p id={`${id}-description`} className="mt-1.5 text-muted text-sm">
            {description}
          </p>
          {children}
          <button
            type="button"
            onClick={onClose}
            aria-label="Close"
            className="needs-script absolute top-4 right-4 rounded-md p-1 text-muted hover:bg-hover hover:text-foreground"
          >
            <Icon name="x" />
          </button>
        </>
      ) : null}
    </Modal>
  );
}
