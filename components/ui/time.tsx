import { cn } from './cn';
import { formatUtc } from './format-utc';

const UNITS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const satisfies [Intl.RelativeTimeFormatUnit, number][];

const relativeFormat = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** `3 minutes ago`, as seen from `now`. */
export function formatRelative(value: string, now: Date): string {
  const date = new Date(value);
  if (Number.isNaN(date.valueOf())) return value;
  const seconds = Math.round((date.valueOf() - now.valueOf()) / 1000);
  for (const [unit, length] of UNITS)
    if (Math.abs(seconds) >= length) return relativeFormat.format(Math.trunc(seconds / length), unit);
  return 'just now';
}

type TimeProps = {
  value: string;
  /** `relative` (default) as of when the page was rendered, with the absolute time on hover. */
  format?: 'relative' | 'absolute';
  className?: string;
};

/** A point in time, rendered on the server and in UTC, so that it reads the same everywhere. */
export function Time({ value, format = 'relative', className }: TimeProps) {
  const absolute = formatUtc(value);
  return (
    <time
      dateTime={value}
      title={absolute}
      data-absolute={format === 'absolute' ? '' : undefined}
      className={cn('tabular-nums', className)}
    >
      {format === 'absolute' ? absolute : formatRelative(value, new Date())}
    </time>
  );
}
