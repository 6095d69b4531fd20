'use client';

import { type ComponentProps, type FormEvent, startTransition } from 'react';
import type { FormAction } from './submit-button';

type FormProps = Omit<ComponentProps<'form'>, 'action' | 'onSubmit'> & {
  action: FormAction;
  /** Whether the fields are emptied once they are sent. The page shows again what the server returns. */
  empties?: boolean;
  /** Called once the action has ended, whatever its outcome. */
  onSettled?: (() => void) | undefined;
};

/**
 * A form whose fields keep what the user types while the action runs. React resets the fields of a form after its
 * action. It does so neither for a submission that this component prevents, nor without JavaScript.
 */
export function Form({ action, empties = false, onSettled, ...props }: FormProps) {
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const { submitter } = event.nativeEvent as SubmitEvent;
    const fields = new FormData(form, submitter);
    if (empties) form.reset();
    // React marks the form as pending while a transition runs that began here, so `useFormStatus` works.
    startTransition(async () => {
      try {
        await action(fields);
      } finally {
        onSettled?.();
      }
    });
  };
  return <form {...props} action={action} onSubmit={send} />;
}
