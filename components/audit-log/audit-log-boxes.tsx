import { Card } from '../ui/card';
import { Skeleton } from '../ui/skeleton';

/** Placeholder boxes for the search field, the filters, the chart and a page of events. */
export function AuditLogBoxes() {
  return (
    <>
      <Skeleton className="h-9 sm:h-15.5" />
      <Skeleton className="h-9 sm:h-42 lg:h-9" />
      <Skeleton shape="card" className="h-25" />
      <div className="grid grid-cols-1 gap-2">
        <Skeleton className="h-6 w-52" />
        <Card className="divide-y">
          <div className="px-4 py-2.5 max-lg:hidden">
            <Skeleton className="h-4 w-24" />
          </div>
          {['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map((row) => (
            <div
              key={row}
              className="grid h-26 content-center gap-x-8 gap-y-2 px-4 lg:h-11 lg:grid-cols-[6.5rem_2fr_1.5fr_1fr_1.5fr_7rem]"
            >
              <Skeleton className="h-5 w-24" />
              <Skeleton className="h-5 max-lg:w-40" />
              <Skeleton className="h-5" />
              {['account', 'repositories', 'ip'].map((cell) => (
                <Skeleton key={cell} className="h-5 max-lg:hidden" />
              ))}
            </div>
          ))}
        </Card>
      </div>
    </>
  );
}
