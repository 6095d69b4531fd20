import type { MaybeNow } from '@/app/page-reads';
import { countInWords } from '@/components/audit-log/list-summary';
import type { EventCount } from '@/lib/audit/count';

type TotalProps = {
  counted: Promise<MaybeNow<EventCount>>;
  /** How many events this page of the list shows: the log has at least these. */
  shown: number;
};

/** Says how many events match. If they can't be counted now, says how many there are at least. */
export async function Total({ counted, shown }: TotalProps) {
  const { value } = await counted;
  const count = value ?? { events: shown, more: true };
  return countInWords({ events: Math.max(count.events, shown), more: count.more });
}
