import { cn } from './cn';
import { formatAbsolute, formatRelative } from './format-time';
import { zoneOfPage } from './zone';

type TimeProps = {
  value: string;
  /** `relative` (default) shows the time relative to when the page was rendered, and the absolute time on hover. */
  format?: 'relative' | 'absolute';
  className?: string;
};

/** A point in time, in the zone that the reader chose for all pages. */
export function Time({ value, format = 'relative', className }: TimeProps) {
  const absolute = formatAbsolute(value, zoneOfPage());
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

/** Shows when something expires, both as a relative time and as a date to plan by. */
export function Expiry({ value }: { value: string }) {
  return (
    <>
      <Time value={value} /> (<span className="whitespace-nowrap tabular-nums">{value.slice(0, 10)}</span>)
    </>
  );
}
