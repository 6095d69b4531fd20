'use client';

import { useRouter } from 'next/navigation';
import { type ComponentProps, type MouseEvent, useTransition } from 'react';

type LinkProps = Omit<ComponentProps<'a'>, 'href' | 'target' | 'onClick'> & {
  href: string;
  /** Whether the next page starts at its top. */
  scroll?: boolean;
  /** Replaces the current entry of the browser's history. */
  replace?: boolean;
};

/**
 * A link to one of our pages, opened without loading the document again. Without JavaScript it is a plain link. While
 * the server renders the next page, the element has `data-pending`.
 *
 * `next/link` isn't used, because it would add 3.3 kB to nearly every page. Most of that is prefetching, and all of our
 * pages depend on the session and the database, so a prefetch would cost a request and find little.
 */
export function Link({ href, scroll = true, replace = false, ...props }: LinkProps) {
  const router = useRouter();
  const [isPending, startTransition] = useTransition();
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    if (event.defaultPrevented || opensElsewhere(event)) return;
    event.preventDefault();
    startTransition(() => router[replace ? 'replace' : 'push'](href, { scroll }));
  };
  return <a {...props} href={href} onClick={follow} data-pending={isPending || undefined} />;
}

type Click = Pick<MouseEvent, 'button' | 'metaKey' | 'ctrlKey' | 'shiftKey' | 'altKey'>;

/** True for a click with which the browser opens or saves the page elsewhere, such as in a new tab. */
export function opensElsewhere({ button, metaKey, ctrlKey, shiftKey, altKey }: Click): boolean {
  return button !== 0 || metaKey || ctrlKey || shiftKey || altKey;
}
