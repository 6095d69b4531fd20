'use client';

import { useRouter } from 'next/navigation';
import { type FormEvent, type ReactNode, useSyncExternalStore } from 'react';
import { Checkbox } from './field';

/* The script of components/ui/selection.tsx, without its looks: every kilobyte counts on the pages with lists. */

/** Returns the rows' checkboxes. */
function boxesOf(form: string): HTMLInputElement[] {
  const element = document.getElementById(form);
  if (!(element instanceof HTMLFormElement)) return [];
  return [...element.elements].filter(
    (field): field is HTMLInputElement => field instanceof HTMLInputElement && field.type === 'checkbox',
  );
}

function subscribe(onChange: () => void): () => void {
  const isOver = new AbortController();
  const { signal } = isOver;
  document.addEventListener('change', onChange, { signal });
  // The event precedes the reset itself.
  document.addEventListener('reset', () => setTimeout(onChange), { signal });
  return () => isOver.abort();
}

/** Counts the ticked boxes, and all of them. Both are 0 until the script runs. */
function useSelected(form: string): { selected: number; all: number } {
  const counted = useSyncExternalStore(
    subscribe,
    () => {
      const boxes = boxesOf(form);
      return `${boxes.filter(({ checked }) => checked).length}/${boxes.length}`;
    },
    () => '0/0',
  );
  const [selected = 0, all = 0] = counted.split('/').map(Number);
  return { selected, all };
}

/** The checkbox that ticks all rows of the page. */
export function AllRowsBox({ form, ...props }: { form: string; id: string; className: string }) {
  const { selected, all } = useSelected(form);
  return (
    <Checkbox
      {...props}
      ref={(box) => {
        if (box) box.indeterminate = selected > 0 && selected < all;
      }}
      checked={all > 0 && selected === all}
      disabled={all === 0}
      onChange={({ target }) => {
        const boxes = boxesOf(form);
        for (const box of boxes) box.checked = target.checked;
        boxes[0]?.dispatchEvent(new Event('change', { bubbles: true }));
      }}
    />
  );
}

type SelectedRowsFormProps = {
  id: string;
  /** The path of the page that the buttons lead to. */
  path: string;
  className: string;
  children: ReactNode;
};

/** The form that the rows' checkboxes belong to. It says how many are ticked. */
export function SelectedRowsForm({ path, children, ...props }: SelectedRowsFormProps) {
  const router = useRouter();
  const { selected } = useSelected(props.id);
  const count = selected > 0 ? `${selected} selected` : '';

  const open = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { submitter } = event.nativeEvent as SubmitEvent;
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(event.currentTarget, submitter))
      query.append(name, String(value));
    router.push(`${path}?${query}`, { scroll: false });
  };

  return (
    <>
      <p role="status" className="sr-only">
        {count}
      </p>
      <form {...props} action={path} onSubmit={open}>
        <p className="mr-auto font-medium text-sm">{count || 'Selected rows'}</p>
        {children}
      </form>
    </>
  );
}
