import type { ReactNode } from 'react';

/** The controls above stacked rows, where the headings of the columns are hidden. They begin where the rows' text does. */
export function StackedHead({ children }: { children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-2 pl-4.25 columned:hidden">
      {children}
    </div>
  );
}
