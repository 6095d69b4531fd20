import type { AuditLogAddress } from '@/lib/contract/audit-log-href';

type HiddenFieldsProps = {
  address: AuditLogAddress;
  /** The line of the search as the page shows it without mistakes, and the zone of its times. */
  shown: string;
  lineZone: string;
};

/**
 * The parts of a search that have no field of their own, and what the fields showed, so that the server can tell what was
 * changed. A new search begins at its first page.
 */
export function HiddenFields({ address, shown, lineZone }: HiddenFieldsProps) {
  const { order, syncs, from, to, zone } = address;
  const values = { shown, line_zone: lineZone, order, syncs, from, to, zone };
  return Object.entries(values).map(([name, value]) =>
    value ? <input key={name} type="hidden" name={name} value={value} /> : null,
  );
}
