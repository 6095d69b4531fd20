import type { ComponentProps } from 'react';
import { cn } from './cn';

const shapes = { line: 'rounded-md', card: 'rounded-xl', circle: 'rounded-full' } as const;

type SkeletonProps = ComponentProps<'div'> & { shape?: keyof typeof shapes };

/** A grey box of the size of what is coming. */
export function Skeleton({ className, shape = 'line', ...props }: SkeletonProps) {
  return <div aria-hidden className={cn('animate-pulse bg-hover', shapes[shape], className)} {...props} />;
}

/** The whole of a loading page: says once that it loads, and hides its boxes from screen readers. */
export function SkeletonPage({ label, children, className }: ComponentProps<'div'> & { label: string }) {
  return (
    <div data-skeleton role="status" aria-label={label} className={className}>
      {children}
    </div>
  );
}
