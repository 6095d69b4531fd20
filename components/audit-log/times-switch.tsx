'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import type { TimesChoice } from './keep-times';

const CHOICES = ['relative', 'UTC', 'local'] as const satisfies readonly TimesChoice[];

/**
 * How long relative times may stay as the server rendered them. After this, we load the script that keeps them up to
 * date.
 */
const AGES_AFTER_MS = 10_000;

type TimesSwitchProps = {
  /** The choice that the server rendered. */
  rendered: TimesChoice;
  /** The zone in which the server rendered. */
  zone: string;
};

/**
 * Lets the user choose the format of times, and the zone of all pages. The script that rewrites times is loaded only when
 * needed: for a new choice, or once relative times are stale. Cookies tell the server the choice for the next page, and
 * the page is then rendered again, because its dates and its chart depend on the zone.
 */
export function TimesSwitch({ rendered, zone }: TimesSwitchProps) {
  const router = useRouter();
  const [picked, setPicked] = useState<TimesChoice>();
  const shown = picked ?? rendered;
  useEffect(() => {
    let stop: (() => void) | null = null;
    let isOver = false;
    const timer = setTimeout(
      () =>
        import('./keep-times').then(
          ({ keepTimes }) => {
            if (!isOver) stop = keepTimes(shown, zone, picked ? router.refresh : null);
          },
          // If the script can't be loaded, the times stay as the server rendered them.
          () => {},
        ),
      picked ? 0 : AGES_AFTER_MS,
    );
    return () => {
      isOver = true;
      clearTimeout(timer);
      stop?.();
    };
  }, [shown, zone, picked, router]);

  return (
    <fieldset aria-label="Times" className="needs-script flex items-center gap-1 text-13 text-muted">
      <span aria-hidden>Times:</span>
      {CHOICES.map((choice) => (
        <button
          key={choice}
          type="button"
          aria-pressed={choice === shown}
          className="min-h-6 rounded-md px-1.5 py-0.5 underline-offset-4 hover:underline aria-pressed:bg-hover aria-pressed:font-medium aria-pressed:text-foreground aria-pressed:underline"
          onClick={() => setPicked(choice)}
        >
          {choice}
        </button>
      ))}
    </fieldset>
  );
}
