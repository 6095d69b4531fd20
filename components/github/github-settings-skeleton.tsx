import { Card } from '../ui/card';
import { Skeleton, SkeletonPage } from '../ui/skeleton';

export function GitHubSettingsSkeleton() {
  return (
    <SkeletonPage label="Loading the GitHub connection" className="flex flex-col gap-8">
      <div className="flex flex-col gap-2">
        <Skeleton className="h-8 w-32" />
        <Skeleton className="h-5 w-96 max-w-full" />
      </div>
      <Card className="flex flex-col gap-6 p-6">
        <div className="flex items-center gap-3">
          <Skeleton shape="circle" className="size-9" />
          <Skeleton className="h-6 w-44" />
        </div>
        <div className="grid gap-4 sm:grid-cols-3">
          <Skeleton className="h-10" />
          <Skeleton className="h-10" />
          <Skeleton className="h-10" />
        </div>
      </Card>
      <Card className="divide-y">
        {['a', 'b', 'c', 'd', 'e'].map((row) => (
          <div key={row} className="flex items-center gap-6 px-4 py-4">
            <Skeleton className="h-5 w-1/3" />
            <Skeleton className="h-5 w-24 max-md:hidden" />
            <Skeleton className="h-5 flex-1 max-md:hidden" />
          </div>
        ))}
      </Card>
    </SkeletonPage>
  );
}
