'use client';

import { useRouter } from 'next/navigation';
import { type FormEvent, type ReactNode, useEffect, useId, useSyncExternalStore } from 'react';
import { Button } from './button';
import { Checkbox } from './field';
import { type Kept, KeptFields } from './kept-fields';

/*
 * Selects rows of a list. Each row has a checkbox that belongs to a form below the list (components/ui/select-cell.tsx). The
 * form is visible while a box is ticked. All of that works without JavaScript. The script counts, ticks all rows or
 * a range of them, and opens the form's page without loading the document again.
 */

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

/** Ticks boxes as a user would, so that everything that counts them hears of it. */
function tick(boxes: readonly HTMLInputElement[], checked: boolean): void {
  for (const box of boxes) box.checked = checked;
  boxes[0]?.dispatchEvent(new Event('change', { bubbles: true }));
}

type SelectAllProps = {
  form: string;
  /** The rows that it ticks, such as `on this page`. */
  where: string;
};

/** A checkbox that ticks all rows of the page. Needs the script. */
export function SelectAll({ form, where }: SelectAllProps) {
  const { selected, all } = useSelected(form);
  const id = useId();
  return (
    <label
      htmlFor={id}
      className="needs-script -m-2 inline-flex items-center gap-2.5 p-2 align-middle text-13"
    >
      <Checkbox
        id={id}
        ref={(box) => {
          if (box) box.indeterminate = selected > 0 && selected < all;
        }}
        checked={all > 0 && selected === all}
        disabled={all === 0}
        className="[&>input:indeterminate]:border-[5px] [&>input:indeterminate]:border-primary"
        onChange={({ target }) => tick(boxesOf(form), target.checked)}
      />
      <span className="columned:sr-only">
        Select all<span className="sr-only"> {where}</span>
      </span>
    </label>
  );
}

type SelectionFormProps = {
  id: string;
  /** The path of the page that the buttons lead to. */
  action: string;
  fields?: Kept;
  /** The buttons. */
  children: ReactNode;
};

/** The form of the ticked boxes, with the actions on them. Visible in a `group/selection` while one is ticked. */
export function SelectionForm({ id, action, fields = {}, children }: SelectionFormProps) {
  const router = useRouter();
  const { selected } = useSelected(id);

  useEffect(() => {
    let last: HTMLInputElement | undefined;
    const isOver = new AbortController();
    const onClick = ({ target, shiftKey }: MouseEvent) => {
      const boxes = boxesOf(id);
      const box = boxes.find((each) => each === target);
      if (box === undefined) return;
      const [from, to] = [boxes.indexOf(last ?? box), boxes.indexOf(box)].sort((a, b) => a - b);
      if (shiftKey && from !== undefined && from >= 0) tick(boxes.slice(from, (to ?? 0) + 1), box.checked);
      last = box;
    };
    document.addEventListener('click', onClick, { signal: isOver.signal });
    return () => isOver.abort();
  }, [id]);

  const open = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { submitter } = event.nativeEvent as SubmitEvent;
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(event.currentTarget, submitter))
      if (typeof value === 'string') query.append(name, value);
    router.push(`${action}?${query}`, { scroll: false });
  };

  return (
    <>
      <p role="status" className="sr-only">
        {selected > 0 ? `${selected} selected` : ''}
      </p>
      <form
        id={id}
        action={action}
        onSubmit={open}
        className="sticky bottom-4 z-20 hidden flex-wrap items-center gap-2 rounded-xl border border-border-strong bg-card px-4 py-2.5 shadow-lg group-has-[[data-row]:checked]/selection:flex"
      >
        <KeptFields kept={fields} />
        <p className="mr-auto font-medium text-sm">
          {selected > 0 ? `${selected} selected` : 'Selected rows'}
        </p>
        <Button type="reset" size="sm" variant="ghost">
          Clear
        </Button>
        {children}
      </form>
    </>
  );
}
