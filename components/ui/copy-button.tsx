'use client';

import { useEffect, useRef, useState } from 'react';
import { Button } from './button';
import { cn } from './cn';
import { Icon } from './icon';

type CopyButtonProps = {
  /** The text to copy to the clipboard. */
  value: string;
  /** Names the text on the button: `Copy {label}`. */
  label: string;
  /** Whether to show the button's name beside the icon. */
  withText?: boolean;
};

const ANSWERS = { idle: '', copied: 'Copied', failed: 'Not copied: select the text' } as const;

export function CopyButton({ value, label, withText = false }: CopyButtonProps) {
  const [state, setState] = useState<keyof typeof ANSWERS>('idle');
  const wrapper = useRef<HTMLSpanElement>(null);

  useEffect(() => {
    if (state === 'idle') return;
    const timer = setTimeout(() => setState('idle'), 3000);
    return () => clearTimeout(timer);
  }, [state]);

  const copy = async () => {
    const copied = await navigator.clipboard?.writeText(value).then(
      () => true,
      () => false,
    );
    setState((copied ?? copyBySelection(value, wrapper.current)) ? 'copied' : 'failed');
  };

  return (
    <span ref={wrapper} className="needs-script relative inline-flex">
      <Button
        variant={withText ? 'secondary' : 'ghost'}
        size={withText ? 'sm' : 'icon'}
        onClick={copy}
        aria-label={withText ? undefined : `Copy ${label}`}
        title={withText ? undefined : `Copy ${label}`}
      >
        {state === 'copied' ? <Icon name="check" className="size-4 text-success" /> : <Icon name="copy" />}
        {withText ? `Copy ${label}` : null}
      </Button>
      <span
        aria-live="polite"
        className={cn(
          'absolute top-full z-10 mt-1 whitespace-nowrap rounded-md bg-foreground px-2 py-1 text-background text-xs empty:hidden',
          withText ? 'left-0' : 'right-0',
        )}
      >
        {ANSWERS[state]}
      </span>
    </span>
  );
}

/**
 * Copies text with the deprecated `execCommand`. Browsers offer `navigator.clipboard` only in secure contexts, so pages
 * served over plain HTTP need this.
 */
function copyBySelection(value: string, beside: HTMLElement | null): boolean {
  const focused = document.activeElement;
  const field = document.createElement('textarea');
  field.value = value;
  field.className = 'sr-only';
  // Append the field right beside the button: while a modal dialog is open, nothing outside it can be selected.
  beside?.append(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}
