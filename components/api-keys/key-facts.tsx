import { Ban, CircleCheck, CircleSlash, Clock, Hourglass, type LucideIcon, RefreshCw } from 'lucide-react';
import { type ApiKey, EXPIRY_WARNING_DAYS } from '@/lib/contract/api-keys';
import { Alert } from '../ui/alert';
import { Badge, type Tone } from '../ui/badge';
import { Card, Fact } from '../ui/card';
import { Expiry, Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';

/**
 * A key's status, with three more states for a key that is still active: `forbidden` (by the workspace), `expiring`
 * (soon) and `rotated` (a new key replaces it).
 */
export type KeyState = ApiKey['status'] | 'forbidden' | 'expiring' | 'rotated';

const EXPIRING_MS = EXPIRY_WARNING_DAYS * 86_400_000;

export function keyState(
  { status, expires_at }: Pick<ApiKey, 'status' | 'expires_at'>,
  { isRotated, areAllowed, now }: { isRotated: boolean; areAllowed: boolean; now: Date },
): KeyState {
  if (status !== 'active') return status;
  if (!areAllowed) return 'forbidden';
  if (isRotated) return 'rotated';
  const left = expires_at === null ? Number.POSITIVE_INFINITY : Date.parse(expires_at) - now.valueOf();
  return left <= EXPIRING_MS ? 'expiring' : 'active';
}

type StateView = { label: string; tone: Tone; icon: LucideIcon; meaning: string | null };

/**
 * Returns a state's badge and a human-readable explanation. The switch is exhaustive, so a new state without a case
 * doesn't compile.
 */
function stateView(state: KeyState): StateView {
  switch (state) {
    case 'active':
      return { label: 'Active', tone: 'success', icon: CircleCheck, meaning: null };
    case 'forbidden':
      return {
        label: 'Not allowed',
        tone: 'warning',
        icon: Ban,
        meaning: 'This workspace does not allow API keys, so every request with this key is refused.',
      };
    case 'expiring':
      return {
        label: 'Expires soon',
        tone: 'warning',
        icon: Clock,
        meaning: `This key expires within ${EXPIRY_WARNING_DAYS} days. Rotate it, and give the new key to the service that uses it.`,
      };
    case 'rotated':
      return {
        label: 'Replaced',
        tone: 'warning',
        icon: RefreshCw,
        meaning: 'A rotation has replaced it. It works until it expires, so that nothing breaks meanwhile.',
      };
    case 'expired':
      return { label: 'Expired', tone: 'neutral', icon: Hourglass, meaning: 'It no longer works.' };
    case 'revoked':
      return { label: 'Revoked', tone: 'neutral', icon: CircleSlash, meaning: 'It no longer works.' };
    default:
      return state satisfies never;
  }
}

export function KeyBadge({ state }: { state: KeyState }) {
  const { label, tone, icon: Icon } = stateView(state);
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {label}
    </Badge>
  );
}

const SHOWN = 2;

/** Lists the repositories that a key can read: `null` means all shared ones, an empty list means none. */
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

/** How long after its last use a key counts as being in use. */
const IN_USE_MS = 30 * 86_400_000;

/** True for a live key that a service has used lately. */
export const isInUse = ({ status, last_used_at }: ApiKey, now: Date): boolean =>
  status === 'active' && last_used_at !== null && now.valueOf() - Date.parse(last_used_at) < IN_USE_MS;

/** The networks that a key can be used from: an empty list means every address. */
function KeyNetworks({ networks }: Pick<ApiKey, 'networks'>) {
  if (networks.length === 0) return <>Every address</>;
  return (
    <ul className="grid gap-0.5">
      {networks.map((network) => (
        <li key={network} className="font-mono text-[13px]">
          {network}
        </li>
      ))}
    </ul>
  );
}

/** Shows when a key or a trust rule was used last, and from where. */
export function LastUse({ last_used_at, last_used_ip }: Pick<ApiKey, 'last_used_at' | 'last_used_ip'>) {
  if (last_used_at === null) return <>Never</>;
  return (
    <>
      <Time value={last_used_at} />
      {last_used_ip === null ? null : (
        <>
          {' '}
          from <span className="wrap-anywhere">{last_used_ip}</span>
        </>
      )}
    </>
  );
}

/** Shows everything about a key but its secret, which we can't show because only its hash is stored. */
export function KeyFacts({ apiKey, state }: { apiKey: ApiKey; state: KeyState }) {
  const { display_prefix, repositories, networks, created_by, created_at, expires_at, revoked_at } = apiKey;
  const { meaning } = stateView(state);
  return (
    <Card>
      <dl className="grid grid-cols-1 gap-x-6 gap-y-4 p-5 text-sm sm:grid-cols-2 sm:p-6">
        <Fact term="Status">
          <KeyBadge state={state} />
        </Fact>
        <Fact term="Key">
          <code className="font-mono text-[13px]">{display_prefix}…</code>
        </Fact>
        <Fact term="Repositories">
          <KeyRepositories repositories={repositories} all />
        </Fact>
        <Fact term="Networks">
          <KeyNetworks networks={networks} />
        </Fact>
        <Fact term="Created">
          <Time value={created_at} /> by{' '}
          {created_by === null ? 'the operator' : <UntrustedText>{created_by}</UntrustedText>}
        </Fact>
        <Fact term="Last used">
          <LastUse {...apiKey} />
        </Fact>
        {revoked_at === null ? (
          <Fact term={state === 'expired' ? 'Expired' : 'Expires'}>
            {expires_at ? <Expiry value={expires_at} /> : 'Never'}
          </Fact>
        ) : (
          <Fact term="Revoked">
            <Time value={revoked_at} />
          </Fact>
        )}
      </dl>
      {meaning ? <p className="border-t px-5 py-3 text-[13px] text-muted sm:px-6">{meaning}</p> : null}
    </Card>
  );
}

/** Warns that the new key is shown only this once. */
export function NewKeyNotice() {
  return (
    <Alert live tone="success" title="Copy the key now">
      This is the only time that it is shown: we keep its SHA-256 and nothing else.
    </Alert>
  );
}
