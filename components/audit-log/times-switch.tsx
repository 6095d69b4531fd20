'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { UTC } from '@/lib/contract/time-zone';
import type { Times } from '../shell/preferences';

type Choice = { times: Times; zone: string };

/**
 * How long relative times may stay as the server rendered them. After this, we load the script that keeps them up to
 * date.
 */
const AGES_AFTER_MS = 10_000;

/** Returns the choice of each button. `relative` keeps the zone, which other parts of the page show. */
const choices = (zone: string): [label: string, choice: () => Choice][] => [
  ['relative', () => ({ times: 'relative', zone })],
  ['UTC', () => ({ times: 'absolute', zone: UTC })],
  ['local', () => ({ times: 'absolute', zone: new Intl.DateTimeFormat().resolvedOptions().timeZone || UTC })],
];

const labelOf = ({ times, zone }: Choice) =>
  times === 'relative' ? 'relative' : zone === UTC ? 'UTC' : 'local';

/**
 * Lets the user choose the format of times, and the zone of all pages. The script that rewrites times is loaded only when
 * needed: for a new choice, or once relative times are stale. Cookies tell the server the choice for the next page, and
 * the page is then rendered again, because its dates and its chart depend on the zone.
 */
export function TimesSwitch({ times, zone }: Choice) {
  const router = useRouter();
  const [picked, setPicked] = useState<Choice>();
  const shown = picked ?? { times, zone };
  useEffect(() => {
    let stop: (() => void) | null = null;
    let isOver = false;
    const { times: format, zone: of } = picked ?? { times, zone };
    const timer = setTimeout(
      () =>
        import('./keep-times').then(
          ({ keepTimes }) => {
            if (isOver) return;
            stop = keepTimes(format, of, picked !== undefined);
            if (picked !== undefined && of !== zone) router.refresh();
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
  }, [times, zone, picked, router]);

  return (
    <fieldset aria-label="Times" className="needs-script flex items-center gap-1 text-13 text-muted">
      <span aria-hidden>Times:</span>
      {choices(shown.zone).map(([label, choice]) => (
        <button
          key={label}
          type="button"
          aria-pressed={label === labelOf(shown)}
          className="min-h-6 rounded-md px-1.5 py-0.5 underline-offset-4 hover:underline aria-pressed:bg-hover aria-pressed:font-medium aria-pressed:text-foreground aria-pressed:underline"
          onClick={() => setPicked(choice())}
        >
          {label}
        </button>
      ))}
    </fieldset>
  );
}
