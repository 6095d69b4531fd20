'use client';

import { useEffect, useState } from 'react';
import { TIMES, type Times } from '../shell/preferences';

const LABELS: Record<Times, string> = { relative: 'relative', utc: 'UTC', local: 'local' };

/** How long relative times stay as rendered by the server. After that, the script that updates them is loaded. */
const AGES_AFTER_MS = 10_000;

/**
 * Lets the reader choose how times are written. The script that rewrites times is loaded once the reader chooses a
 * format, or once relative times become stale. A cookie tells the server which format to use for the next page.
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
          // If the script cannot be loaded, leave the times as they are.
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
