import { orNotNow } from '@/app/not-now';
import type { EventFilters } from '@/components/audit-log/event-filters';
import { MintChart } from '@/components/audit-log/mint-chart';
import { Alert } from '@/components/ui/alert';
import { countMintsPerDay } from '@/lib/audit/per-day';
import { hrefWith } from '@/lib/http/href-with';

const DAYS = 30;

type MintsPerDayProps = { workspaceId: string; path: string; filters: EventFilters };

/** Counts while the rest of the page is shown already. */
export async function MintsPerDay({ workspaceId, path, filters }: MintsPerDayProps) {
  const { value: days, notNow } = await orNotNow(countMintsPerDay(workspaceId, DAYS));
  if (days === null)
    return (
      <Alert tone="warning" title="Tokens per day are not counted now">
        {notNow}
      </Alert>
    );
  return (
    <MintChart
      days={days}
      selected={filters.from && filters.to ? { from: filters.from, to: filters.to } : null}
      href={hrefWith(path, filters)}
    />
  );
}
