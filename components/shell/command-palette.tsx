'use client';

import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { useOpening } from '../ui/use-opening';
import type { PaletteProps } from './palette-items';
import { SINGLE_KEYS_OFF } from './preferences';

const CommandDialog = lazy(() =>
  import('./command-dialog').then((file) => ({ default: file.CommandDialog })),
);

const isTyping = ({ target }: KeyboardEvent) =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));

/**
 * Opens the palette on Control+K or Command+K. `/` goes to the page's search field, or opens the palette if there is
 * none. `?` shows the shortcuts. The palette's script is loaded when it opens for the first time.
 *
 * @param props.children the button's content, rendered by the server, so that it is no part of every page's script
 */
export function CommandPalette({ children, ...props }: PaletteProps & { children: ReactNode }) {
  const { opening, open, close } = useOpening();
  const [showsKeys, setShowsKeys] = useState(false);

  useEffect(() => {
    const show = (event: KeyboardEvent, keys: boolean) => {
      event.preventDefault();
      setShowsKeys(keys);
      open();
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey || document.querySelector('dialog[open]')) return;
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') return show(event, false);
      if (event.metaKey || event.ctrlKey || isTyping(event)) return;
      if (!['/', '?'].includes(event.key) || localStorage.getItem(SINGLE_KEYS_OFF) !== null) return;
      const search = document.querySelector<HTMLInputElement>('main input[type=search]');
      if (event.key === '?' || search === null) return show(event, event.key === '?');
      event.preventDefault();
      search.focus();
      search.select();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [open]);

  return (
    <>
      <button
        type="button"
        onClick={() => {
          setShowsKeys(false);
          open();
        }}
        aria-keyshortcuts="Control+K Meta+K"
        className="needs-script button button-secondary button-sm"
      >
        {children}
      </button>
      {opening ? (
        <Suspense fallback={null}>
          <CommandDialog {...props} open={opening} onClose={close} showsKeys={showsKeys} />
        </Suspense>
      ) : null}
    </>
  );
}
