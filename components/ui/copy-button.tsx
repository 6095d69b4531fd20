'use client';

import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from './button';

type CopyButtonProps = {
  /** What goes to the clipboard. */
  value: string;
  /** What it is, for the button's name: "Copy {label}". */
  label: string;
  /** Shows the words beside the icon. */
  withText?: boolean;
};

export function CopyButton({ value, label, withText = false }: CopyButtonProps) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');

  useEffect(() => {
    if (state === 'idle') return;
    const timer = setTimeout(() => setState('idle'), 2000);
    return () => clearTimeout(timer);
  }, [state]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setState('copied');
    } catch {
      setState('failed');
    }
  };

  return (
    <Button
      variant={withText ? 'secondary' : 'ghost'}
      size={withText ? 'sm' : 'icon'}
      onClick={copy}
      aria-label={withText ? undefined : `Copy ${label}`}
      title={withText ? undefined : `Copy ${label}`}
      className="needs-script"
    >
      {state === 'copied' ? <Check aria-hidden className="text-success" /> : <Copy aria-hidden />}
      {withText ? `Copy ${label}` : null}
      <span aria-live="polite" className="sr-only">
        {state === 'copied' ? 'Copied' : state === 'failed' ? 'Could not copy: select the text instead' : ''}
      </span>
    </Button>
  );
}
