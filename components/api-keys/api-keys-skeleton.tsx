import { Skeleton, SkeletonPage, SkeletonRows } from '../ui/skeleton';
import { ApiKeysHeader } from './api-keys-header';

export function ApiKeysSkeleton() {
  return (
    <SkeletonPage label="Loading the API keys" className="flex flex-col gap-6">
      <ApiKeysHeader actions={<Skeleton className="h-8 w-36" />} />
      <SkeletonRows rows={5} />
    </SkeletonPage>
  );
}
