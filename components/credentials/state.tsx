import {
  Ban,
  CircleCheck,
  CircleSlash,
  Clock,
  Hourglass,
  type LucideIcon,
  RefreshCw,
  TriangleAlert,
} from 'lucide-react';
import type { ApiKey } from '@/lib/contract/api-keys';
import { type Credential, EXPIRY_WARNING_DAYS } from '@/lib/contract/credentials';
import type { TrustRule } from '@/lib/contract/trust-rules';
import { Badge, type Tone } from '../ui/badge';

/**
 * The status of an API key or a trust rule. An active one may also be `expiring` soon. Only keys are `forbidden` or
 * `rotated`, and only rules have a `problem`.
 */
export type CredentialState =
  | Credential['status']
  | 'forbidden'
  | 'expiring'
  | 'rotated'
  | NonNullable<TrustRule['problem']>;

const EXPIRING_MS = EXPIRY_WARNING_DAYS * 86_400_000;

type Facts = Pick<Credential, 'status' | 'expires_at'>;

/** @param special the state that matters more than an expiry soon, if there is one */
function stateOf({ status, expires_at }: Facts, special: CredentialState | null, now: Date): CredentialState {
  if (status !== 'active') return status;
  if (special !== null) return special;
  const left = expires_at === null ? Number.POSITIVE_INFINITY : Date.parse(expires_at) - now.valueOf();
  return left <= EXPIRING_MS ? 'expiring' : 'active';
}

export const keyState = (
  key: Pick<ApiKey, 'status' | 'expires_at'>,
  { isRotated, areAllowed, now }: { isRotated: boolean; areAllowed: boolean; now: Date },
): CredentialState => stateOf(key, areAllowed ? (isRotated ? 'rotated' : null) : 'forbidden', now);

/** A rule is never rotated, because it holds no secret. */
export const ruleState = (rule: TrustRule, now: Date): CredentialState => stateOf(rule, rule.problem, now);

export const isEnded = (state: CredentialState): boolean => state === 'revoked' || state === 'expired';

type StateView = { label: string; tone: Tone; icon: LucideIcon; meaning: string | null };

const ENDED = 'It no longer works.';

/** Each state's badge, and its explanation on the page of the key or rule. */
const VIEWS: Record<CredentialState, StateView> = {
  active: { label: 'Active', tone: 'success', icon: CircleCheck, meaning: null },
  forbidden: {
    label: 'Not allowed',
    tone: 'warning',
    icon: Ban,
    meaning: 'This workspace does not allow API keys, so every request with this key is refused.',
  },
  expiring: {
    label: 'Expires soon',
    tone: 'warning',
    icon: Clock,
    meaning: `It expires within ${EXPIRY_WARNING_DAYS} days. The service that uses it gets no more tokens then.`,
  },
  rotated: {
    label: 'Replaced',
    tone: 'warning',
    icon: RefreshCw,
    meaning: 'A rotation has replaced it. It works until it expires, so that nothing breaks meanwhile.',
  },
  issuer_not_trusted: {
    label: 'Issuer not trusted',
    tone: 'warning',
    icon: TriangleAlert,
    meaning:
      'The operator of this service no longer trusts the issuer of this rule, so no identity token matches it. Ask the operator, or revoke the rule.',
  },
  claims_not_valid: {
    label: 'Claims not valid',
    tone: 'warning',
    icon: TriangleAlert,
    meaning:
      'A claim of this rule is neither a text nor a whole number nor a boolean, so no identity token matches it. Edit the claims, or revoke the rule.',
  },
  expired: { label: 'Expired', tone: 'neutral', icon: Hourglass, meaning: ENDED },
  revoked: { label: 'Revoked', tone: 'neutral', icon: CircleSlash, meaning: ENDED },
};

/** Returns what a state means for the services that use the key or rule, or `null` if all is well. */
export const meaningOf = (state: CredentialState): string | null => VIEWS[state].meaning;

export function StateBadge({ state }: { state: CredentialState }) {
  const { label, tone, icon: Icon } = VIEWS[state];
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {label}
    </Badge>
  );
}
