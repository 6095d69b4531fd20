import { Skeleton, SkeletonPage, SkeletonRows } from '../ui/skeleton';
import { MembersHeader } from './members-header';

/** As admins will see it, with their form: for other members the list then moves up. */
export function MembersSkeleton() {
  return (
    <SkeletonPage label="Loading the members" className="flex flex-col gap-6">
      <MembersHeader />
      <Skeleton shape="card" className="h-64 md:h-48" />
      <SkeletonRows rows={4} />
    </SkeletonPage>
  );
}
