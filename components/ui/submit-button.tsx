'use client';

import { useFormStatus } from 'react-dom';
import { Button, type ButtonProps } from './button';
import { Icon } from './icon';

/** The action of a form, as a page binds it. */
export type FormAction = (form: FormData) => void | Promise<void>;

/** A form's button. It shows that the form is on its way, and a second click then does nothing. */
export function SubmitButton({ children, disabled, ...props }: Omit<ButtonProps, 'type' | 'onClick'>) {
  const { pending } = useFormStatus();
  return (
    <Button
      {...props}
      type="submit"
      disabled={disabled}
      // `disabled` would take the focus away. Enter in a field clicks this button too.
      aria-disabled={pending || undefined}
      onClick={pending ? (event) => event.preventDefault() : undefined}
    >
      {pending ? <Icon name="spinner" /> : null}
      {children}
    </Button>
  );
}
