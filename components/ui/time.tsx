import { cn } from './cn';
import { formatRelative, formatUtc } from './format-time';

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

/** When something ends: how long that is, and the day, which somebody who plans for it needs. */
export function Expiry({ value }: { value: string }) {
  return (
    <>
      <Time value={value} /> (<span className="whitespace-nowrap tabular-nums">{value.slice(0, 10)}</span>)
    </>
  );
}
