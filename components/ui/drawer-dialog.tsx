'use client';

import { type ComponentProps, type MouseEvent, useState } from 'react';
import { Modal } from './modal';

export type DrawerDialogProps = Omit<ComponentProps<typeof Modal>, 'open' | 'onClose'> & {
  id: string;
  /** Goes one page back. */
  back: () => void;
  /** Goes to this page without the drawer. */
  leave: () => void;
};

/** Closes by its links (`data-close`), without a request for a page that the browser has already. */
export function DrawerDialog({ id, back, leave, ...props }: DrawerDialogProps) {
  // On a page that was loaded with the drawer, its element exists before this render.
  const [cameByLink] = useState(() => typeof window !== 'undefined' && document.getElementById(id) === null);

  const onClick = (event: MouseEvent<HTMLDialogElement>) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (!(event.target instanceof Element && event.target.closest('a[data-close]'))) return;
    event.preventDefault();
    event.currentTarget.close();
  };
  return <Modal open id={id} onClick={onClick} onClose={cameByLink ? back : leave} {...props} />;
}
