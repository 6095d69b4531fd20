'use client';

import { type ComponentType, type ReactNode, useEffect, useState } from 'react';
import { useOpening } from '../ui/use-opening';
import type { CommandDialogProps } from './command-dialog';
import type { PaletteProps } from './palette-items';
import { singleKeysAreOn } from './preferences';

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
  const [Dialog, setDialog] = useState<ComponentType<CommandDialogProps>>();
  const show = (keys: boolean) => {
    setShowsKeys(keys);
    open();
    // Without its script, the palette stays closed and the page stays as it is. The next time tries again.
    import('./command-dialog').then(
      (file) => setDialog(() => file.CommandDialog),
      () => {},
    );
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: `show` is a new function at each render, and does the same
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey || document.querySelector('dialog[open]')) return;
      const isPalette = (event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k';
      const isSingle =
        ['/', '?'].includes(event.key) &&
        !event.metaKey &&
        !event.ctrlKey &&
        !isTyping(event) &&
        singleKeysAreOn();
      if (!isPalette && !isSingle) return;
      event.preventDefault();
      const search = document.querySelector<HTMLInputElement>('main input[type=search]');
      if (event.key !== '/' || search === null) return show(event.key === '?');
      search.focus();
      search.select();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);

  return (
    <>
      <button
        type="button"
        onClick={() => show(false)}
        aria-keyshortcuts="Control+K Meta+K"
        className="needs-script button button-secondary button-sm"
      >
        {children}
      </button>
      {opening && Dialog ? <Dialog {...props} open={opening} onClose={close} showsKeys={showsKeys} /> : null}
    </>
  );
}
