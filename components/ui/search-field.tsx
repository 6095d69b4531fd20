'use client';

import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useEffect, useRef, useTransition } from 'react';
import { Input } from './field';
import { Icon } from './icon';

const DEBOUNCE_MS = 250;

type SearchFieldProps = {
  label: string;
  placeholder: string;
  value: string;
  /** Query parameters that a new search removes, such as the cursor, which belongs to the previous results. */
  resets: readonly string[];
};

/** Search field `q` of a GET form. Searches while the user types, or on Enter if JavaScript is off. */
export function SearchField({ label, placeholder, value, resets }: SearchFieldProps) {
  const router = useRouter();
  const pathname = usePathname();
  const parameters = useSearchParams();
  const [pending, startTransition] = useTransition();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const input = useRef<HTMLInputElement>(null);

  useEffect(() => () => clearTimeout(timer.current), []);
  // Update the field when a link or the Back button changes the URL, but never overwrite what the user is typing.
  useEffect(() => {
    if (input.current && document.activeElement !== input.current) input.current.value = value;
  }, [value]);

  const search = (text: string) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const next = new URLSearchParams(parameters);
      for (const name of resets) next.delete(name);
      if (text.trim() === '') next.delete('q');
      else next.set('q', text.trim());
      startTransition(() => router.replace(`${pathname}?${next}`, { scroll: false }));
    }, DEBOUNCE_MS);
  };

  return (
    <span className="relative block">
      <Icon
        name="search"
        className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted"
      />
      <Input
        ref={input}
        type="search"
        name="q"
        aria-label={label}
        placeholder={placeholder}
        defaultValue={value}
        maxLength={200}
        autoComplete="off"
        spellCheck={false}
        className="pr-9 pl-9"
        onChange={(event) => search(event.target.value)}
      />
      {pending ? (
        <Icon name="spinner" className="absolute top-1/2 right-3 size-4 -translate-y-1/2 text-muted" />
      ) : null}
    </span>
  );
}
