'use client';

import { useFormStatus } from 'react-dom';
import { Button, type ButtonProps } from './button';
import { Icon } from './icon';

/** A form's server action, bound by the page. */
export type FormAction = (form: FormData) => void | Promise<void>;

/** A form's submit button. While the form is being submitted, the button shows a spinner and ignores further clicks. */
export function SubmitButton({ children, disabled, ...props }: Omit<ButtonProps, 'type' | 'onClick'>) {
  const { pending } = useFormStatus();
  return (
    <Button
      {...props}
      type="submit"
      disabled={disabled}
      // `disabled` would make the button lose focus. The click handler also stops Enter in a field, which clicks this
      // button.
      aria-disabled={pending || undefined}
      onClick={pending ? (event) => event.preventDefault() : undefined}
    >
      {pending ? <Icon name="spinner" /> : null}
      {children}
    </Button>
  );
}
