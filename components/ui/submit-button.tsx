'use client';

import { useFormStatus } from 'react-dom';
import { Button, type ButtonProps } from './button';
import { Icon } from './icon';

/** A form's button. While the form is on its way it says so, and a second click does nothing. */
export function SubmitButton({ children, disabled, ...props }: Omit<ButtonProps, 'type' | 'onClick'>) {
  const { pending } = useFormStatus();
  return (
    <Button
      {...props}
      type="submit"
      disabled={disabled}
      // Not `disabled`, which would take the focus away. Enter in a field clicks this button too.
      aria-disabled={pending || undefined}
      onClick={pending ? (event) => event.preventDefault() : undefined}
    >
      {pending ? <Icon name="spinner" /> : null}
      {children}
    </Button>
  );
}
