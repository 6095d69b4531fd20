import type { ReactNode } from 'react';
import { cn } from './cn';

/** Shapes of Lucide (ISC licence, https://lucide.dev). */
const SHAPES = {
  alert: (
    <>
      <path d="m21.73 18-8-14a2 2 0 0 0-3.48 0l-8 14A2 2 0 0 0 4 21h16a2 2 0 0 0 1.73-3" />
      <path d="M12 9v4M12 17h.01" />
    </>
  ),
  chevronDown: <path d="m6 9 6 6 6-6" />,
  chevronRight: <path d="m9 18 6-6-6-6" />,
  check: <path d="M20 6 9 17l-5-5" />,
  copy: (
    <>
      <rect width="14" height="14" x="8" y="8" rx="2" />
      <path d="M4 16c-1.1 0-2-.9-2-2V4c0-1.1.9-2 2-2h10c1.1 0 2 .9 2 2" />
    </>
  ),
  search: (
    <>
      <path d="m21 21-4.34-4.34" />
      <circle cx="11" cy="11" r="8" />
    </>
  ),
  x: <path d="M18 6 6 18M6 6l12 12" />,
  spinner: <path d="M21 12a9 9 0 1 1-6.219-8.56" />,
} as const satisfies Record<string, ReactNode>;

type IconProps = { name: keyof typeof SHAPES; className?: string };

/**
 * Draws one of the few icons that client components use. Importing an icon from `lucide-react` would add half a
 * kilobyte to the page's script.
 *
 * @param props.className must set the icon's size, because it replaces the default `size-4`
 */
export function Icon({ name, className = 'size-4' }: IconProps) {
  return (
    <svg
      aria-hidden
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      className={cn(name === 'spinner' && 'animate-spin', className)}
    >
      {SHAPES[name]}
    </svg>
  );
}
