import { CircleCheck, CircleSlash, Clock, Hourglass, type LucideIcon, RefreshCw } from 'lucide-react';
import type { ApiKey } from '@/lib/contract/api-keys';
import { Badge, type Tone } from '../ui/badge';

/** A key's status, and whether it is about to end. */
export type KeyState = ApiKey['status'] | 'expiring' | 'rotated';

const EXPIRING_MS = 7 * 86_400_000;

export function keyState({ status, expires_at }: ApiKey, rotated: boolean, now: Date): KeyState {
  if (status !== 'active') return status;
  if (rotated) return 'rotated';
  const left = expires_at === null ? Number.POSITIVE_INFINITY : Date.parse(expires_at) - now.valueOf();
  return left <= EXPIRING_MS ? 'expiring' : 'active';
}

type StateView = { label: string; tone: Tone; icon: LucideIcon; meaning: string | null };

/** How each state looks and what it means. A state without a view does not compile. */
export function keyStateView(state: KeyState): StateView {
  switch (state) {
    case 'active':
      return { label: 'Active', tone: 'success', icon: CircleCheck, meaning: null };
    case 'expiring':
      return {
        label: 'Expires soon',
        tone: 'warning',
        icon: Clock,
        meaning: 'It ends within a week. Rotate it and hand the new key to whatever uses it.',
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
  const { label, tone, icon: Icon } = keyStateView(state);
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {label}
    </Badge>
  );
}
