import { findWorkspaceForUser } from '@/lib/auth/session';
import { settingsPage, startConnect } from '@/lib/connect/flow';
import { ConnectForm } from '@/lib/contract/connect';
import { hasRole } from '@/lib/contract/members';
import { browserRoute, createBrowserKey, SEE_OTHER } from '@/lib/http/browser-route';
import { notFound } from '@/lib/problem';

/**
 * Redirects "Connect GitHub" to GitHub's install page and "Link it" to GitHub's authorize page, each with a `state`.
 */
export const POST = browserRoute(
  {
    access: 'browser',
    limits: { address: 'connect' },
    body: ConnectForm,
    signedOut: () => '/',
    id: 'startConnect',
    tag: 'Connecting',
    summary: 'Begin to connect GitHub (a form of our pages)',
    answer: SEE_OTHER,
    problems: ['not_found'],
  },
  async ({ body: { workspace, intent, installation_id }, actor, context, browser: known }) => {
    const membership = await findWorkspaceForUser(workspace, actor.id);
    if (membership === null) throw notFound();
    if (!hasRole(membership.role, 'admin')) return settingsPage(membership.slug, 'not_admin');
    const browser = known ?? createBrowserKey();
    const location = await startConnect({
      workspaceId: membership.id,
      actor,
      origin: context,
      intent,
      candidateInstallationId: installation_id,
      browser,
    });
    return { location, browser };
  },
);
