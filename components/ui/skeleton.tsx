import type { ComponentProps } from 'react';
import { cn } from './cn';

/** A grey box of the size of what is coming. */
export function Skeleton({ className, ...props }: ComponentProps<'div'>) {
  return <div aria-hidden className={cn('animate-pulse rounded-md bg-hover', className)} {...props} />;
}

/** The whole of a loading page: says once that it loads, and hides its boxes from screen readers. */
export function SkeletonPage({ label, children, className }: ComponentProps<'div'> & { label: string }) {
  return (
    <div data-skeleton role="status" aria-label={label} className={className}>
      {children}
    </div>
  );
}
