'use client';

import { useEffect, useId, useRef, useState } from 'react';
import { Input } from '../ui/field';
import { Icon } from '../ui/icon';

/** Marks an element that the search hides unless its text has every word. */
const FOUND_BY_TEXT = 'data-found-by-text';
/** Marks a section that the search hides when nothing in it is left. */
const SECTION = 'main section';

/**
 * Filters the cards of the page by words, in the browser, because the whole reference is in the document already. The
 * key `/` focuses the field. Without scripts there is no field, and nothing is hidden.
 */
export function ReferenceSearch() {
  const input = useRef<HTMLInputElement>(null);
  const status = useId();
  const [found, setFound] = useState<number | null>(null);

  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof Element && event.target.closest('input, textarea, select');
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener('keydown', focus);
    return () => document.removeEventListener('keydown', focus);
  }, []);

  // A link into the page must reach its target, even if the search has hidden it.
  useEffect(() => {
    const showAll = () => {
      if (!input.current?.value) return;
      input.current.value = '';
      setFound(filter(''));
      document.getElementById(location.hash.slice(1))?.scrollIntoView();
    };
    addEventListener('hashchange', showAll);
    return () => removeEventListener('hashchange', showAll);
  }, []);

  return (
    <div className="needs-script">
      <span className="relative block">
        <Icon
          name="search"
          className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted"
        />
        <Input
          ref={input}
          type="search"
          aria-label="Search the reference"
          aria-describedby={status}
          aria-keyshortcuts="/"
          placeholder="Operations, errors, objects"
          maxLength={200}
          autoComplete="off"
          spellCheck={false}
          className="pr-9 pl-9"
          onChange={(event) => setFound(filter(event.target.value))}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            event.currentTarget.value = '';
            setFound(filter(''));
          }}
        />
        <kbd
          aria-hidden
          className="pointer-events-none absolute top-1/2 right-3 -translate-y-1/2 rounded border px-1.5 font-mono text-muted text-xs"
        >
          /
        </kbd>
      </span>
      <p id={status} role="status" className="mt-2 text-13 text-muted empty:hidden">
        {found === null ? '' : found === 0 ? 'Nothing has all of these words.' : `${found} found`}
      </p>
    </div>
  );
}

/** Shows what has every word, and returns how much that is; `null` if there are no words, and everything is shown. */
function filter(text: string): number | null {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const cards = [...document.querySelectorAll<HTMLElement>(`[${FOUND_BY_TEXT}]`)];
  for (const card of cards) {
    const content = card.textContent?.toLowerCase() ?? '';
    card.hidden = !words.every((word) => content.includes(word));
  }
  for (const section of document.querySelectorAll<HTMLElement>(SECTION))
    section.hidden = words.length > 0 && section.querySelector(`[${FOUND_BY_TEXT}]:not([hidden])`) === null;
  return words.length === 0 ? null : cards.filter((card) => !card.hidden).length;
}
