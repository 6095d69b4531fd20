import type { AuditLogAddress } from '@/lib/contract/audit-log-href';
import { Button } from '../ui/button';
import { ButtonLink } from '../ui/button-link';
import { Icon } from '../ui/icon';
import { HiddenFields, viewOf } from './hidden-fields';
import { QueryInput } from './query-input';
import { SoftForm } from './soft-form';

type QueryFormProps = {
  /** The log's path without a query. */
  path: string;
  address: AuditLogAddress;
  /** The log without filters. */
  clearHref: string;
  /** The filters as one line. */
  text: string;
  problems: readonly { token: string; message: string }[];
};

/** One field for all filters. A submitted line replaces them; the page then leads to the address of these filters. */
export function QueryForm({ path, clearHref, address, text, problems }: QueryFormProps) {
  return (
    <search className="min-w-0">
      <SoftForm action={path} version={text} className="relative flex gap-2">
        <HiddenFields address={viewOf(address)} />
        <span className="relative block min-w-0 flex-1">
          <Icon
            name="search"
            className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted"
          />
          <QueryInput
            name="query"
            aria-label="Search the audit log"
            aria-invalid={problems.length > 0 || undefined}
            aria-describedby={problems.length > 0 ? 'query-problems' : undefined}
            placeholder="repo:acme/api -ip:10.0.0.0/8 after:7d"
            defaultValue={text}
            maxLength={1000}
          />
        </span>
        <Button type="submit" variant="primary">
          Search
        </Button>
        {text === '' ? null : (
          <ButtonLink href={clearHref} variant="ghost">
            Clear
          </ButtonLink>
        )}
      </SoftForm>
      {problems.length > 0 ? (
        <ul id="query-problems" aria-live="polite" className="mt-1.5 grid gap-0.5 text-[13px] text-danger">
          {problems.map(({ token, message }) => (
            <li key={token} className="wrap-anywhere">
              <code className="font-mono text-xs">{token}</code>: {message}
            </li>
          ))}
        </ul>
      ) : null}
    </search>
  );
}
