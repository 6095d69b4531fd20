import { shownNotice } from '@/app/notices';
import type { Query } from '@/app/request';
import { ReplaceView } from '@/components/audit-log/views-menu';
import { NoticeBanner } from '@/components/ui/notice';
import { UndoForm } from '@/components/ui/undo-form';
import { UntrustedText } from '@/components/ui/untrusted-text';
import type { UserActor } from '@/lib/actor';
import type { SavedView } from '@/lib/audit/views';
import { restoreView, saveView } from './actions';
import { oneValue } from './audit-search';
import { readDeletedView } from './deleted-view';
import { AUDIT_NOTICES } from './notices';

type ViewNoticeProps = {
  query: Query;
  by: { workspaceId: string; actor: UserActor };
  workspaceSlug: string;
  views: SavedView[];
  /** The page's search as a query string. */
  address: string;
  dismissHref: string;
};

/** Says what became of a saved view. Offers to restore a deleted one, and to replace one whose name is in use. */
export async function ViewNotice({ query, by, workspaceSlug, views, address, dismissHref }: ViewNoticeProps) {
  const notice = shownNotice(AUDIT_NOTICES, query);
  if (notice === null) return null;
  const deleted = notice === AUDIT_NOTICES.view_deleted ? await readDeletedView(by) : null;
  // The URL's name is believed only if it is that of a view.
  const taken =
    notice === AUDIT_NOTICES.view_exists
      ? views.find(({ name }) => name === oneValue(query.view))
      : undefined;
  return (
    <NoticeBanner
      notice={notice}
      dismissHref={dismissHref}
      undo={
        deleted && (
          <UndoForm action={restoreView.bind(null, workspaceSlug)} fields={{ id: deleted.id, address }}>
            saves <UntrustedText>{deleted.name}</UntrustedText> again
          </UndoForm>
        )
      }
      actions={
        taken && <ReplaceView name={taken.name} address={address} save={saveView.bind(null, workspaceSlug)} />
      }
    />
  );
}
