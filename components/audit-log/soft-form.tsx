'use client';

import { useRouter } from 'next/navigation';
import { type ComponentProps, type FormEvent, useEffect, useRef, useTransition } from 'react';

type SoftFormProps = Omit<ComponentProps<'form'>, 'action' | 'method' | 'onSubmit' | 'ref'> & {
  action: string;
  /** Differs whenever the filters that the server rendered differ. The fields then show these filters. */
  version: string;
};

/**
 * The id of what had the focus when the form was submitted, until its page has arrived. The server may answer with a
 * redirect, and then the page is mounted anew and would lose the focus.
 */
let submittedFrom: string | undefined;

/**
 * A GET form that leads to one of our pages without loading the document again, so the focus stays where it is. Without
 * JavaScript it is a plain form.
 */
export function SoftForm({ action, version, ...props }: SoftFormProps) {
  const router = useRouter();
  const [isPending, startTransition] = useTransition();
  const ref = useRef<HTMLFormElement>(null);
  const shown = useRef(version);
  const sent = useRef<string>(undefined);
  const isPlain = useRef(false);

  useEffect(() => {
    if (submittedFrom && document.activeElement === document.body)
      document.getElementById(submittedFrom)?.focus({ preventScroll: true });
    submittedFrom = undefined;
  }, []);

  useEffect(() => {
    if (shown.current === version) return;
    shown.current = version;
    submittedFrom = undefined;
    const field = document.activeElement;
    const typed =
      isFieldOf(field, ref.current) && sent.current !== undefined && field.value !== sent.current
        ? field.value
        : undefined;
    ref.current?.reset();
    if (typed !== undefined && isFieldOf(field, ref.current)) field.value = typed;
  }, [version]);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    if (isPlain.current) return;
    event.preventDefault();
    const form = event.currentTarget;
    const { submitter } = event.nativeEvent as SubmitEvent;
    const field = document.activeElement;
    sent.current = isFieldOf(field, form) ? field.value : undefined;
    const fields = new FormData(form, submitter);
    import('./submit-search').then(
      ({ leaveMenu, searchHref }) => {
        submittedFrom = leaveMenu(submitter);
        startTransition(() => router.push(searchHref(form, fields), { scroll: false }));
      },
      () => {
        isPlain.current = true;
        form.requestSubmit(submitter);
      },
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

const isFieldOf = (element: Element | null, form: HTMLFormElement | null): element is HTMLInputElement =>
  element instanceof HTMLInputElement && element.form === form;
