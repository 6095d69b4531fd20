import type { Tone } from '../ui/badge';
import { cn } from '../ui/cn';

const COLOURS: Record<Tone, string> = {
  neutral: 'bg-border-strong',
  info: 'bg-accent',
  success: 'bg-success',
  warning: 'bg-warning',
  danger: 'bg-danger',
};

/** Shows an event's tone as a coloured dot. Screen readers skip the dot, because the text beside it says the same. */
export function EventDot({ tone }: { tone: Tone }) {
  return (
    <span
      aria-hidden
      className={cn('mr-2 inline-block size-2 shrink-0 rounded-full forced-color-adjust-none', COLOURS[tone])}
    />
  );
}
