'use client';

import { useRouter } from 'next/navigation';
import { type ComponentProps, type FormEvent, useEffect, useRef, useTransition } from 'react';

type SoftFormProps = Omit<ComponentProps<'form'>, 'action' | 'method' | 'onSubmit' | 'ref'> & {
  action: string;
  /** Differs whenever the values that the server rendered differ. The fields then show these values. */
  version: string;
};

/**
 * The name of the field from which a form was submitted, until its page has arrived. The server may answer with a redirect,
 * and then the form is mounted anew and would lose the focus.
 */
let submittedFrom: string | undefined;

/**
 * A GET form that leads to one of our pages without loading the document again, so the focus stays where it is. Without
 * JavaScript it is a plain form. Empty fields are left out of the address, and repeated ones are joined with commas.
 */
export function SoftForm({ action, version, ...props }: SoftFormProps) {
  const router = useRouter();
  const [isPending, startTransition] = useTransition();
  const ref = useRef<HTMLFormElement>(null);
  const shown = useRef(version);
  const sent = useRef<string>(undefined);

  useEffect(() => {
    const field = submittedFrom && ref.current?.elements.namedItem(submittedFrom);
    if (!(field instanceof HTMLInputElement)) return;
    submittedFrom = undefined;
    if (document.activeElement === document.body) field.focus({ preventScroll: true });
  }, []);

  useEffect(() => {
    if (shown.current === version) return;
    shown.current = version;
    submittedFrom = undefined;
    const field = document.activeElement;
    const isTyping =
      field instanceof HTMLInputElement &&
      ref.current?.contains(field) === true &&
      sent.current !== undefined &&
      field.value !== sent.current;
    const typed = isTyping ? field.value : undefined;
    ref.current?.reset();
    if (isTyping && typed !== undefined) field.value = typed;
  }, [version]);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const field = document.activeElement;
    const isField = field instanceof HTMLInputElement && form.contains(field);
    submittedFrom = isField ? field.name : undefined;
    sent.current = isField ? field.value : undefined;
    const fields = new FormData(form);
    const go = (href: string) => startTransition(() => router.push(href, { scroll: false }));
    import('./form-href').then(
      ({ formHref }) => go(formHref(action, fields)),
      () => form.submit(),
    );
  };

  return (
    <form
      {...props}
      ref={ref}
      method="get"
      action={action}
      onSubmit={submit}
      data-pending={isPending || undefined}
    />
  );
}
