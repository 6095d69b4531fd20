import { CircleCheck, CirclePause, CircleSlash, Clock, type LucideIcon } from 'lucide-react';
import { Badge, type Tone } from '../ui/badge';
import type { ConnectionStatus } from './connection';

type StatusView = { label: string; tone: Tone; icon: LucideIcon; meaning: string | null };

/** How each status looks and what it means. A status without a view does not compile. */
export function statusView(status: ConnectionStatus): StatusView {
  switch (status) {
    case 'active':
      return { label: 'Active', tone: 'success', icon: CircleCheck, meaning: null };
    case 'suspended':
      return {
        label: 'Suspended',
        tone: 'warning',
        icon: CirclePause,
        meaning:
          'No token is issued while the installation is suspended. An owner can unsuspend it on GitHub.',
      };
    case 'deleted':
      return {
        label: 'Disconnected',
        tone: 'neutral',
        icon: CircleSlash,
        meaning:
          'This connection has ended. No token can be issued for it again; connecting again makes a new installation.',
      };
    case 'waiting_for_approval':
      return {
        label: 'Waiting for approval',
        tone: 'info',
        icon: Clock,
        meaning:
          'An owner of the organization has to approve the request on GitHub, under Settings › GitHub Apps. This page notices by itself. GitHub tells nobody when a request is denied: then dismiss it here and ask again.',
      };
    case 'approved':
      return {
        label: 'Approved',
        tone: 'success',
        icon: CircleCheck,
        meaning:
          'An owner has approved the App. One step is left: GitHub asks once whether the installation is yours to connect.',
      };
    default:
      return status satisfies never;
  }
}

export function StatusBadge({ status }: { status: ConnectionStatus }) {
  const { label, tone, icon: Icon } = statusView(status);
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {label}
    </Badge>
  );
}
