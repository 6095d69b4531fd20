import { type MaybeNow, orNotNow } from '@/app/page-reads';
import type { ChartSpan } from '@/components/audit-log/chart-spans';
import { TokenChart } from '@/components/audit-log/token-chart';
import { Alert } from '@/components/ui/alert';
import { countMintsPerDay } from '@/lib/audit/per-day';
import { type TokenChart as Counted, countTokens } from '@/lib/audit/tokens-over-time';
import type { AuditEventsQuery } from '@/lib/contract/audit-event';
import { instantOf, UTC } from '@/lib/contract/time-zone';

const CHART_DAYS = 30;
const HOUR_MS = 3_600_000;

/** True if the list shows every event, so the chart can be counted from an index of tokens alone. */
function isWholeLog({
  limit: _,
  cursor: _cursor,
  order: _order,
  syncs: _syncs,
  ...filters
}: AuditEventsQuery): boolean {
  return Object.values(filters).every((value) => value === undefined);
}

/** Counts the tokens that the chart shows: those which the filters select. */
export function countForChart(
  workspaceId: string,
  query: AuditEventsQuery,
  zone: string,
): Promise<MaybeNow<Counted>> {
  if (isWholeLog(query) && zone === UTC)
    return orNotNow(
      countMintsPerDay(workspaceId, CHART_DAYS).then((days) => ({
        unit: 'day' as const,
        spans: days.map(({ day, ...counts }) => ({ local: `${day}T00:00`, ...counts })),
      })),
    );
  const { limit: _, cursor: _cursor, order: _order, ...filters } = query;
  return orNotNow(countTokens(workspaceId, filters, zone));
}

type ChartProps = {
  counted: Promise<MaybeNow<Counted>>;
  query: AuditEventsQuery;
  zone: string;
  href: string;
};

/** Draws the chart once its tokens are counted. The rest of the page doesn't wait for it. */
export async function Chart({ counted, query, zone, href }: ChartProps) {
  const { value: chart, notNow } = await counted;
  if (chart === null)
    return (
      <Alert tone="warning" title="Tokens are not counted now">
        {notNow}
      </Alert>
    );
  const isChosen = query.from !== undefined;
  const spans = chart.spans.map(({ local, ...counts }): ChartSpan => {
    const start = instantOf(local, zone)?.toISOString() ?? local;
    const day = local.slice(0, 10);
    const period =
      chart.unit === 'day'
        ? { label: day, from: day, to: day }
        : {
            label: local.replace('T', ' '),
            from: start,
            to: new Date(Date.parse(start) + HOUR_MS).toISOString(),
          };
    // Within a chosen period every bar is a part of it, so only a single one is marked.
    return { ...period, ...counts, isSelected: isChosen && chart.spans.length === 1 };
  });
  return <TokenChart spans={spans} unit={chart.unit} href={href} zone={zone === UTC ? undefined : zone} />;
}
