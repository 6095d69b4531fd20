import type { ReactNode } from 'react';

/** Stands in the skeleton too, with a grey box in place of the search. */
export function RepositoriesHeading({ search }: { search: ReactNode }) {
  return (
    <div className="flex flex-wrap items-end justify-between gap-3">
      <div>
        <h2 id="repositories" className="font-semibold text-lg tracking-tight">
          Repositories
        </h2>
        <p className="text-muted text-sm">What is shared now. The choice is made on GitHub.</p>
      </div>
      <div className="w-full sm:w-72">{search}</div>
    </div>
  );
}
