import { describe, expect, it } from 'vitest';
import { noticeNow } from './notices';

const installation = {
  id: 1,
  account: { id: 2, login: 'acme', type: 'Organization' },
  status: 'active',
  repository_selection: 'all',
  repository_count: 0,
  connected_by: null,
  connected_at: null,
  synced_at: null,
  suspended_at: null,
  deleted_at: null,
  sync_error: null,
  sync_pending: false,
  sync_progress: null,
  skipped_count: 0,
  last_checked_at: null,
  next_check_at: null,
} as const;

describe('the outcome of an attempt to connect', () => {
  const facts = { approvals: [], choices: { installations: [], proven: 0 }, ourAddresses: [] };

  it('is not shown as a success while GitHub does not return the installation', () => {
    const shown = (sync_error: string | null) =>
      noticeNow({ notice: 'connected' }, { ...facts, live: [{ ...installation, sync_error }] })?.title;
    expect(shown(null)).toBe('GitHub is connected');
    expect(shown('github_unavailable')).toBe('GitHub is connected');
    expect(shown('end_seen')).toBeUndefined();
  });
});
