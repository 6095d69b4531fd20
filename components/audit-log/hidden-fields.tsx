import { type AuditLogAddress, VIEW_NAMES } from '@/lib/contract/audit-log-href';

/** Keeps parts of the address that a form has no fields for. A new search begins at its first page. */
export function HiddenFields({ address }: { address: AuditLogAddress }) {
  const { cursor: _cursor, event: _event, verify: _verify, ...kept } = address;
  return Object.entries(kept).map(([name, value]) =>
    value ? <input key={name} type="hidden" name={name} value={value} /> : null,
  );
}

/** Returns the parts of the address that are not filters, but for the page of the list. */
export function viewOf(address: AuditLogAddress): AuditLogAddress {
  return Object.fromEntries(
    VIEW_NAMES.filter((name) => name !== 'cursor' && name !== 'event' && name !== 'verify').map((name) => [
      name,
      address[name],
    ]),
  );
}
