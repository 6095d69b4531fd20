import { EXPIRY_WARNING_DAYS } from '@/lib/contract/credentials';
import { Alert } from '../ui/alert';
import { Link } from '../ui/link';
import { Expiry } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';

type ExpiringKeysProps = {
  keys: readonly { id: string; name: string; expires_at: string }[];
  /** The path of the list of keys. */
  basePath: string;
};

const SHOWN = 5;

/** Warns of keys that expire soon, so that their services are given new ones in time. */
export function ExpiringKeys({ keys, basePath }: ExpiringKeysProps) {
  if (keys.length === 0) return null;
  const rest = keys.length - SHOWN;
  return (
    <Alert
      tone="warning"
      title={`${keys.length === 1 ? 'An API key expires' : `${keys.length} API keys expire`} within ${EXPIRY_WARNING_DAYS} days`}
    >
      <p>A service gets no more tokens once its key has expired. Rotate each key that is still needed.</p>
      <ul className="mt-2 grid gap-0.5">
        {keys.slice(0, SHOWN).map(({ id, name, expires_at }) => (
          <li key={id}>
            <Link href={`${basePath}/${id}`} className="text-accent underline underline-offset-4">
              <UntrustedText>{name}</UntrustedText>
            </Link>{' '}
            <Expiry value={expires_at} />
          </li>
        ))}
        {rest > 0 ? <li>and {rest} more</li> : null}
      </ul>
    </Alert>
  );
}
