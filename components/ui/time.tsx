import { cn } from './cn';
import { formatRelative, formatUtc } from './format-time';

type TimeProps = {
  value: string;
  /** `relative` (default) is relative to the time of rendering, with the absolute time on hover. */
  format?: 'relative' | 'absolute';
  className?: string;
};

/** A point in time, rendered on the server and in UTC, so that it is the same everywhere. */
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

/** The end of something: the remaining time, and the day for readers who plan for it. */
export function Expiry({ value }: { value: string }) {
  return (
    <>
      <Time value={value} /> (<span className="whitespace-nowrap tabular-nums">{value.slice(0, 10)}</span>)
    </>
  );
}
