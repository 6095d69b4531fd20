import type { ApiKey } from '@/lib/contract/api-keys';
import { UntrustedText } from '../ui/untrusted-text';

const SHOWN = 2;

/** What a key may read: everything that is shared, or some by name. Nothing is not everything. */
export function KeyRepositories({
  repositories,
  all = false,
}: Pick<ApiKey, 'repositories'> & { all?: boolean }) {
  if (repositories === null) return <>All shared repositories</>;
  if (repositories.length === 0) return <>None: it may read nothing</>;
  const shown = all ? repositories : repositories.slice(0, SHOWN);
  const rest = repositories.length - shown.length;
  return (
    <ul className="grid gap-0.5">
      {shown.map(({ id, full_name }) => (
        <li key={id}>
          {full_name === null ? (
            `Repository ${id}, not shared any more`
          ) : (
            <UntrustedText>{full_name}</UntrustedText>
          )}
        </li>
      ))}
      {rest > 0 ? <li className="text-muted">and {rest} more</li> : null}
    </ul>
  );
}
