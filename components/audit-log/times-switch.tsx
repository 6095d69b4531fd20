'use client';

import { useEffect, useState } from 'react';
import { TIMES, type Times } from '../shell/preferences';

const LABELS: Record<Times, string> = { relative: 'relative', utc: 'UTC', local: 'local' };

/**
 * How long relative times may stay as the server rendered them. After this, we load the script that keeps them up to
 * date.
 */
const AGES_AFTER_MS = 10_000;

/**
 * Lets the user choose the format of times. The script that rewrites times is loaded only when needed: for a newly
 * chosen format, for local times, or once relative times are stale. A cookie tells the server which format to use for
 * the next page.
 */
export function TimesSwitch({ chosen }: { chosen: Times }) {
  const [picked, setPicked] = useState<Times>();
  const times = picked ?? chosen;
  useEffect(() => {
    let stop: (() => void) | null = null;
    let isOver = false;
    const timer = setTimeout(
      () =>
        import('./keep-times').then(
          ({ keepTimes }) => {
            if (!isOver) stop = keepTimes(times, picked !== undefined);
          },
          // If the script can't be loaded, the times stay as the server rendered them.
          () => {},
        ),
      picked || times === 'local' ? 0 : AGES_AFTER_MS,
    );
    return () => {
      isOver = true;
      clearTimeout(timer);
      stop?.();
    };
  }, [times, picked]);

  return (
    <fieldset aria-label="Times" className="needs-script flex items-center gap-1 text-[13px] text-muted">
      <span aria-hidden>Times:</span>
      {TIMES.map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={each === times}
          className="rounded-md px-1.5 py-0.5 underline-offset-4 hover:underline aria-pressed:bg-hover aria-pressed:font-medium aria-pressed:text-foreground"
          onClick={() => setPicked(each)}
        >
          {LABELS[each]}
        </button>
      ))}
    </fieldset>
  );
}
