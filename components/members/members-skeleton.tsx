import { Card } from '../ui/card';
import { Skeleton, SkeletonPage } from '../ui/skeleton';
import { MembersHeader } from './members-header';

const ROWS = ['a', 'b', 'c'];

/** Within an element that knows whether the reader manages members, and has a form for it. */
export function MembersSkeleton() {
  return (
    <SkeletonPage label="Loading the members" className="flex flex-col gap-6">
      <MembersHeader />
      <Skeleton shape="card" className="in-data-[manages=false]:hidden h-116 md:h-57.75" />
      <Card className="divide-y">
        {ROWS.map((row) => (
          <div key={row} className="flex h-15.75 items-center gap-3 px-4 sm:px-5">
            <Skeleton shape="circle" className="size-9" />
            <Skeleton className="h-8 w-48" />
          </div>
        ))}
      </Card>
    </SkeletonPage>
  );
}
