import { Card } from '../ui/card';
import { Skeleton, SkeletonPage, SkeletonRows } from '../ui/skeleton';

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
      <SkeletonRows rows={5} />
    </SkeletonPage>
  );
}
