import type { Installation, InstallationStatus } from '@/lib/contract/installation';

/** An installation, and how its last sync went. */
export type ConnectedInstallation = Installation & {
  /** A code of the table of errors; `null` when the last sync succeeded. */
  sync_error: string | null;
  sync_pending: boolean;
  /** Repositories that the running sync has read, of how many. */
  sync_progress: { read: number; total: number } | null;
  /** Repositories that GitHub shares in a form that could not be read. */
  skipped_count: number;
  last_checked_at: string | null;
  /** After a failure: not asked again before then. */
  next_check_at: string | null;
};

/** Somebody asked an owner of the account to approve the App. */
export type PendingApproval = {
  id: string;
  /** `null` as long as GitHub has not told it. */
  account_login: string | null;
  requested_by: string;
  requested_at: string;
  /** Set once an owner has approved: what is left is the proof that it is the reader's to connect. */
  approved_installation_id: number | null;
};

/** Everything that a card on the settings page can show. A new status has to be added to every switch over it. */
export type Connection =
  | { [S in InstallationStatus]: { status: S; installation: ConnectedInstallation } }[InstallationStatus]
  | { status: 'waiting_for_approval' | 'approved'; request: PendingApproval };

export type ConnectionStatus = Connection['status'];
