import { Card } from '../ui/card';
import { Skeleton, SkeletonPage } from '../ui/skeleton';
import { AuditLogHeader } from './audit-log-header';

export function AuditLogSkeleton() {
  return (
    <SkeletonPage label="Loading the audit log" className="flex flex-col gap-6">
      <AuditLogHeader actions={<Skeleton className="h-8 w-96 max-w-full" />} />
      <Skeleton shape="card" className="h-34" />
      <Skeleton shape="card" className="h-12" />
      <Card className="divide-y">
        {['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((row) => (
          <div key={row} className="flex items-center gap-6 px-4 py-4">
            <Skeleton className="h-5 w-28 max-md:hidden" />
            <Skeleton className="h-5 flex-1" />
            <Skeleton className="h-5 w-28 max-md:hidden" />
          </div>
        ))}
      </Card>
    </SkeletonPage>
  );
}
