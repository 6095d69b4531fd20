'use client';

import { type ComponentProps, type KeyboardEvent, type MouseEvent, useState } from 'react';
import { opensElsewhere } from './link';
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
 * already loaded. Keys follow its `data-step` links to the items beside this one.
 */
export function DrawerDialog({ id, back, leave, ...props }: DrawerDialogProps) {
  // If the drawer's element already exists, the server rendered the page with the drawer open. If not, the user opened
  // it by a link on the page, so going back closes it.
  const [cameByLink] = useState(() => typeof window !== 'undefined' && document.getElementById(id) === null);

  const onClick = (event: MouseEvent<HTMLDialogElement>) => {
    if (opensElsewhere(event)) return;
    if (!(event.target instanceof Element && event.target.closest('a[data-close]'))) return;
    event.preventDefault();
    event.currentTarget.close();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDialogElement>) => {
    if (event.metaKey || event.ctrlKey || event.altKey || event.target instanceof HTMLInputElement) return;
    const step = STEPS[event.key];
    const link = step && event.currentTarget.querySelector<HTMLAnchorElement>(`a[data-step="${step}"]`);
    if (!link) return;
    event.preventDefault();
    link.click();
  };
  return (
    <Modal
      open
      id={id}
      onClick={onClick}
      onKeyDown={onKeyDown}
      onClose={cameByLink ? back : leave}
      {...props}
    />
  );
}

/** Keys that step through a list, as in other tools. The arrows up and down scroll the drawer. */
const STEPS: Readonly<Record<string, 'newer' | 'older'>> = {
  j: 'older',
  k: 'newer',
  ArrowRight: 'older',
  ArrowLeft: 'newer',
};
