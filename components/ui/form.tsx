'use client';

import { type ComponentProps, type FormEvent, startTransition, useActionState, useState } from 'react';
import type { FormAction } from './submit-button';

type FormProps = Omit<ComponentProps<'form'>, 'action' | 'onSubmit'> & {
  action: FormAction;
  /** Whether the fields are emptied once they are sent. The page shows again what the server returns. */
  empties?: boolean;
  /** Called once the server has responded, whatever its response. */
  onSettled?: (() => void) | undefined;
};

/**
 * A form whose fields keep what the user types while the action runs. React resets the fields of a form after its
 * action. It does so neither for a submission that this component prevents, nor without JavaScript.
 *
 * If no response arrives, the form stays as it was sent, with a message. An action of `useActionState` reports that in
 * its state instead: see {@link useFormAction}.
 */
export function Form({ action, empties = false, onSettled, children, ...props }: FormProps) {
  const [failure, setFailure] = useState<string | null>(null);
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const { submitter } = event.nativeEvent as SubmitEvent;
    const fields = new FormData(form, submitter);
    if (empties) empty(form, fields);
    const wasOnline = navigator.onLine;
    // React marks the form as pending while a transition runs that began here, so `useFormStatus` works.
    startTransition(async () => {
      setFailure(null);
      try {
        await action(fields);
      } catch (error) {
        const message = whyUnanswered(error, wasOnline);
        if (message !== null) {
          REFILL.get(fields)?.();
          return setFailure(message);
        }
        onSettled?.();
        throw error;
      }
      onSettled?.();
    });
  };
  return (
    <form {...props} action={action} onSubmit={send}>
      {children}
      {failure === null ? null : (
        <p role="alert" className="col-span-full basis-full text-13 text-danger">
          {failure}
        </p>
      )}
    </form>
  );
}

/**
 * Does what `useActionState` does. If no response arrives, it keeps the state, and puts the reason into its `problem`.
 * On the server it passes on the action itself, which React needs for forms that work without JavaScript.
 */
export function useFormAction<State extends { problem: string | null }>(
  action: (before: State, fields: FormData) => Promise<State>,
  initial: Awaited<State>,
) {
  const guarded = async (before: Awaited<State>, fields: FormData): Promise<State> => {
    const wasOnline = navigator.onLine;
    try {
      return await action(before, fields);
    } catch (error) {
      const problem = whyUnanswered(error, wasOnline);
      if (problem === null) throw error;
      REFILL.get(fields)?.();
      return { ...before, problem };
    }
  };
  return useActionState<State, FormData>(typeof window === 'undefined' ? action : guarded, initial);
}

/**
 * Returns what to tell the user if the request of an action got no response, and `null` for every other error. Redirects
 * and errors that the server reports have a digest.
 *
 * @param wasOnline as the browser knew before the request. If the network is lost later, the request may have arrived
 */
function whyUnanswered(error: unknown, wasOnline: boolean): string | null {
  if (!(error instanceof Error) || 'digest' in error) return null;
  return wasOnline
    ? 'No response from the server. Check whether it happened before you try again.'
    : 'You’re offline, so nothing was sent. Try again once you’re connected.';
}

/** By the fields that were sent: fills the form with them again, except where something else was typed meanwhile. */
const REFILL = new WeakMap<FormData, () => void>();

function empty(form: HTMLFormElement, fields: FormData): void {
  form.reset();
  REFILL.set(fields, () => {
    for (const control of form.elements) {
      const value = fields.get((control as HTMLInputElement).name);
      if (typeof value === 'string' && 'value' in control && control.value === '') control.value = value;
    }
  });
}
