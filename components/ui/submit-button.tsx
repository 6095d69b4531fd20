'use client';

import { useFormStatus } from 'react-dom';
import { Button, type ButtonProps } from './button';
import { Icon } from './icon';

/** A form's server action, with the page's own arguments already bound. */
export type FormAction = (form: FormData) => void | Promise<void>;

/** Submit button of a form. While the form is being submitted, it shows a spinner and ignores further clicks. */
export function SubmitButton({ children, disabled, ...props }: Omit<ButtonProps, 'type' | 'onClick'>) {
  const { pending } = useFormStatus();
  return (
    <Button
      {...props}
      type="submit"
      disabled={disabled}
      // Not `disabled`, which would make the button lose focus. Pressing Enter in a field also clicks this button, so
      // the click handler stops that too.
      aria-disabled={pending || undefined}
      onClick={pending ? (event) => event.preventDefault() : undefined}
    >
      {pending ? <Icon name="spinner" /> : null}
      {children}
    </Button>
  );
}
