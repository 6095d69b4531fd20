import { counted } from '@/lib/contract/counted';
import type { WorkspaceDeletion } from '@/lib/workspace/close-workspace';
import { Card, CardFooter, CardHeader } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { Consequences } from '../ui/consequences';
import type { FormAction } from '../ui/submit-button';

type DeleteCardProps = {
  slug: string;
  plan: WorkspaceDeletion;
  action: FormAction;
  /** The path of the page. */
  path: string;
  /** Whether the page's URL asks for the open dialog. */
  isAsked: boolean;
};

/** Lets an owner delete the workspace. */
export function DeleteCard({ slug, plan, action, path, isAsked }: DeleteCardProps) {
  return (
    <Card>
      <CardHeader title="Delete workspace">
        Ends every connection, API key and membership. Export the audit log first if you need a copy.
      </CardHeader>
      <CardFooter>
        <ConfirmDialog
          opener={{ ask: 'delete', label: 'Delete workspace', size: 'sm', className: 'text-danger' }}
          title="Delete this workspace?"
          description="This can’t be undone:"
          confirm="Delete workspace"
          action={action}
          typed={slug}
          href={path}
          isAsked={isAsked}
        >
          <WhatEnds plan={plan} slug={slug} />
        </ConfirmDialog>
      </CardFooter>
    </Card>
  );
}

/** The accounts that are named. A workspace may have hundreds. */
const NAMED = 5;

function WhatEnds({ plan, slug }: { plan: WorkspaceDeletion; slug: string }) {
  const { members, api_keys, trust_rules, accounts } = plan;
  const more = accounts.length - NAMED;
  const credentials = [
    ...(api_keys > 0 ? [counted(api_keys, 'API key')] : []),
    ...(trust_rules > 0 ? [counted(trust_rules, 'trust rule')] : []),
  ];
  return (
    <Consequences>
      <li>
        No new tokens can be issued. Tokens already issued keep working until they expire:{' '}
        <strong>at most one hour</strong>.
      </li>
      {accounts.length === 0 ? null : (
        <li>
          The app is uninstalled on GitHub from <bdi>{accounts.slice(0, NAMED).join(', ')}</bdi>
          {more > 0 ? ` and ${counted(more, 'more account')}` : ''}.
        </li>
      )}
      {credentials.length === 0 ? null : <li>Stop working and are deleted: {credentials.join(' and ')}.</li>}
      <li>
        {members === 1 ? 'You lose' : `All ${counted(members, 'member')} lose`} access. Pending invitations
        end. Accounts of people are kept.
      </li>
      <li>
        The audit log can’t be changed, so it is kept: the deletion is its last entry. The operator of this
        service removes it when its retention ends, or on request.
      </li>
      <li>
        The address <code className="font-mono">/w/{slug}</code> can’t be used again while the log is kept.
      </li>
    </Consequences>
  );
}
