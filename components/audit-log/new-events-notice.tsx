'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { newEvents } from './count-new-events';

export type NewEventsProps = {
  /** This page's URL. Used only when a click opens the link in a new tab. */
  href: string;
  /** The API URL that lists events with the page's filters. */
  checkHref: string;
  /** The number of the newest event on the page; 0 if the page shows none. */
  newest: number;
  everySeconds: number;
};

/**
 * Says how many events have arrived since the page was rendered. The user decides when to show them, so rows never move
 * by themselves. Polls only while the tab is visible, and doesn't shift the layout.
 */
export function NewEventsNotice({ href, checkHref, newest, everySeconds }: NewEventsProps) {
  const router = useRouter();
  const [found, setFound] = useState({ since: newest, text: '' });

  useEffect(() => {
    const check = async () => {
      if (document.visibilityState !== 'visible') return;
      const text = await newEvents(checkHref, newest);
      if (text !== null) setFound({ since: newest, text });
    };
    const checkQuietly = () => void check().catch(() => {});
    checkQuietly();
    const timer = setInterval(checkQuietly, everySeconds * 1000);
    document.addEventListener('visibilitychange', checkQuietly);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', checkQuietly);
    };
  }, [checkHref, newest, everySeconds]);

  return (
    <div aria-live="polite" className="sticky top-3 z-10 -mt-4 flex h-0 justify-center">
      {found.since === newest && found.text ? (
        <a
          href={href}
          className="h-8 rounded-full border border-accent-border bg-accent-surface px-4 py-1.5 font-medium text-13 text-accent shadow-sm"
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            router.refresh();
          }}
        >
          {found.text}
        </a>
      ) : null}
    </div>
  );
}
