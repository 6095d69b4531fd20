import type { Query } from '@/app/request';
import { parseQuery, type QueryProblem } from '@/lib/audit/query';
import type { AuditLogAddress } from '@/lib/contract/audit-log-href';
import { parseZone, UTC } from '@/lib/contract/time-zone';
import type { InstallationView } from '@/lib/installation/list';
import { oneValue } from './audit-search';

export type QueryLine = {
  /** The address of the filters that were typed; `null` if none were, or if some are no filter. */
  address: AuditLogAddress | null;
  /** The line to show again, if it has problems. */
  text: string | null;
  problems: QueryProblem[];
};

const NO_LINE: QueryLine = { address: null, text: null, problems: [] };

/** Reads a line that was submitted by the search field. It replaces all filters; order and columns stay. */
export function readQueryLine(
  query: Query,
  installations: readonly Pick<InstallationView, 'id' | 'account'>[],
  readerZone: string,
  now = new Date(),
): QueryLine {
  const text = oneValue(query.query);
  // An emptied field is submitted too, and then shows the whole log.
  if (text === undefined && query.query === undefined) return NO_LINE;
  const connections = installations.map(({ id, account }) => ({ id, login: account.login }));
  // The form names the zone in which the line was written, so a line means the same after each search.
  const zone = parseZone(oneValue(query.zone) ?? readerZone);
  const { filters, problems } = parseQuery(text ?? '', connections, { zone, now });
  if (problems.length > 0) return { address: null, text: text ?? '', problems };
  const hasTimes = filters.from !== undefined || filters.to !== undefined;
  return {
    address: {
      ...filters,
      order: oneValue(query.order),
      columns: oneValue(query.columns),
      zone: hasTimes && zone !== UTC ? zone : undefined,
    },
    text: null,
    problems,
  };
}
