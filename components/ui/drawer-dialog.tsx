'use client';

import { type ComponentProps, type MouseEvent, useState } from 'react';
import { Modal } from './modal';

export type DrawerDialogProps = Omit<ComponentProps<typeof Modal>, 'open' | 'onClose'> & {
  id: string;
  /** Goes back one page in the browser's history. */
  back: () => void;
  /** Navigates to the page without the drawer. */
  leave: () => void;
};

/**
 * A modal drawer. Clicking one of its `data-close` links closes it without a request, because the page beneath is
 * already loaded.
 */
export function DrawerDialog({ id, back, leave, ...props }: DrawerDialogProps) {
  // If the drawer's element already exists, the server rendered the page with the drawer open. If not, the user opened
  // it by a link on the page, so going back closes it.
  const [cameByLink] = useState(() => typeof window !== 'undefined' && document.getElementById(id) === null);

  const onClick = (event: MouseEvent<HTMLDialogElement>) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (!(event.target instanceof Element && event.target.closest('a[data-close]'))) return;
    event.preventDefault();
    event.currentTarget.close();
  };
  return <Modal open id={id} onClick={onClick} onClose={cameByLink ? back : leave} {...props} />;
}
