import type { ComponentProps } from 'react';
import { Card } from './card';
import { cn } from './cn';

const shapes = { line: 'rounded-md', card: 'rounded-xl', circle: 'rounded-full' } as const;

type SkeletonProps = ComponentProps<'div'> & { shape?: keyof typeof shapes };

/** Grey placeholder box, the size of the content that replaces it. */
export function Skeleton({ className, shape = 'line', ...props }: SkeletonProps) {
  return <div aria-hidden className={cn('animate-pulse bg-hover', shapes[shape], className)} {...props} />;
}

const ROWS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** Placeholder boxes for a list that is shown as a table on a wide screen and as lines on a narrow one. */
export function SkeletonRows({ rows }: { rows: number }) {
  return (
    <Card className="divide-y">
      {ROWS.slice(0, rows).map((row) => (
        <div key={row} className="flex items-center gap-6 px-4 py-4">
          <Skeleton className="h-5 w-28 max-md:hidden" />
          <Skeleton className="h-5 flex-1" />
          <Skeleton className="h-5 w-28 max-md:hidden" />
        </div>
      ))}
    </Card>
  );
}
