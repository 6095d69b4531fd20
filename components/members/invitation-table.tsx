import { Mail } from 'lucide-react';
import type { Member } from '@/lib/contract/members';
import { Badge } from '../ui/badge';
import { Button, buttonClasses } from '../ui/button';
import { Card } from '../ui/card';
import { CopyButton } from '../ui/copy-button';
import { ExpandableRows, ExpandedRow } from '../ui/expanded-row';
import { Form } from '../ui/form';
import { type Kept, KeptFields } from '../ui/kept-fields';
import { Section } from '../ui/section';
import { SelectableRow, SelectCell } from '../ui/select-cell';
import { SelectAll, SelectionForm } from '../ui/selection';
import { StackedHead } from '../ui/stacked-head';
import { type FormAction, SubmitButton } from '../ui/submit-button';
import { Table, TableCell, TableHead, TableHeader, TableRow } from '../ui/table';
import { Expiry, Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';
import { invitationMail, invitationMessage } from './invitation-message';
import { ROLE_NAMES } from './role-select';

type InvitationTableProps = {
  workspace: string;
  invitations: { invitation: Member; manageable: boolean; link: string | undefined }[];
  /** The id of the invitation whose link is shown unfolded, because it was just made. */
  newest: string | undefined;
  /** The path of the page, which asks before it revokes the selected rows, and the query parameters that it keeps. */
  path: string;
  kept: Kept;
  actions: { revoke: FormAction; renew: FormAction };
};

const FORM = 'selected-invitations';
const WHERE = 'invitations';

/** Lists a workspace's pending invitations, each with its link for those who may manage it. */
export function InvitationTable(props: InvitationTableProps) {
  const { workspace, invitations, newest, path, kept, actions } = props;
  const canManage = invitations.some(({ manageable }) => manageable);
  return (
    <Section
      id="invitations"
      title="Pending invitations"
      about="Each link works for its address only, until it expires."
    >
      <div className="group/selection grid grid-cols-1 gap-2">
        {canManage ? (
          <StackedHead>
            <SelectAll form={FORM} where={WHERE} />
          </StackedHead>
        ) : null}
        <Card className="overflow-hidden">
          <Table aria-labelledby="invitations">
            <TableHead>
              <TableRow>
                {canManage ? (
                  <TableHeader className="w-10 stacked:hidden">
                    <SelectAll form={FORM} where={WHERE} />
                  </TableHeader>
                ) : null}
                <TableHeader>Email</TableHeader>
                <TableHeader className="w-24">Role</TableHeader>
                <TableHeader className="w-36">Expires</TableHeader>
                {canManage ? (
                  <TableHeader className="w-76">
                    <span className="sr-only">Manage</span>
                  </TableHeader>
                ) : null}
              </TableRow>
            </TableHead>
            {invitations.map((each) => (
              <InvitationRows
                key={each.invitation.id}
                {...each}
                workspace={workspace}
                canManage={canManage}
                kept={kept}
                unfolded={each.invitation.id === newest}
                actions={actions}
              />
            ))}
          </Table>
        </Card>
        {canManage ? (
          <SelectionForm id={FORM} path={path} fields={kept}>
            <Button type="submit" size="sm" variant="danger" name="ask" value="revoke">
              Revoke
            </Button>
          </SelectionForm>
        ) : null}
      </div>
    </Section>
  );
}

type InvitationRowsProps = InvitationTableProps['invitations'][number] &
  Pick<InvitationTableProps, 'workspace' | 'kept' | 'actions'> & { canManage: boolean; unfolded: boolean };

function InvitationRows({ invitation, manageable, link, canManage, unfolded, ...list }: InvitationRowsProps) {
  const { workspace, kept, actions } = list;
  const { id, email, role, since, expires_at: expires } = invitation;
  const Row = canManage ? SelectableRow : TableRow;
  const isShared = manageable && link !== undefined && expires !== null;
  return (
    <ExpandableRows>
      <Row>
        {canManage ? (
          <SelectCell select={manageable ? { form: FORM, value: id, name: email } : null} />
        ) : null}
        <TableCell>
          <UntrustedText className="font-medium">{email}</UntrustedText>
          <span className="block text-13 text-muted">
            invited <Time value={since} />
          </span>
        </TableCell>
        <TableCell inline>
          <Badge tone={role === 'owner' ? 'info' : 'neutral'}>{ROLE_NAMES[role]}</Badge>
        </TableCell>
        <TableCell inline className="text-13 text-muted stacked:pl-2">
          <span className="columned:hidden">Expires </span>
          {expires === null ? null : <Expiry value={expires} />}
        </TableCell>
        {manageable ? (
          <TableCell>
            <span className="flex flex-wrap items-center gap-1 stacked:-ml-3 columned:justify-end">
              {isShared ? (
                <details open={unfolded}>
                  <summary className="button button-ghost button-sm">
                    Share the link<span className="sr-only"> with {email}</span>
                  </summary>
                </details>
              ) : null}
              <Form action={actions.renew}>
                <input type="hidden" name="id" value={id} />
                <KeptFields kept={kept} />
                <SubmitButton size="sm" variant="ghost">
                  New link<span className="sr-only"> for {email}</span>
                </SubmitButton>
              </Form>
              <Form action={actions.revoke}>
                <input type="hidden" name="id" value={id} />
                <KeptFields kept={kept} />
                <SubmitButton size="sm" variant="ghost">
                  Revoke<span className="sr-only"> the invitation of {email}</span>
                </SubmitButton>
              </Form>
            </span>
          </TableCell>
        ) : canManage ? (
          <TableCell />
        ) : null}
      </Row>
      {isShared ? (
        <ExpandedRow columns={canManage ? 5 : 3}>
          <Share invited={{ workspace, email, role, expiresAt: expires, link }} />
        </ExpandedRow>
      ) : null}
    </ExpandableRows>
  );
}

type ShareProps = { invited: Parameters<typeof invitationMail>[0] };

function Share({ invited }: ShareProps) {
  const { email, link } = invited;
  return (
    <div className="text-sm">
      <p className="wrap-anywhere rounded-md border bg-card px-3 py-2 font-mono text-13">{link}</p>
      <div className="mt-3 flex flex-wrap gap-2">
        <CopyButton value={link} label="link" withText />
        <CopyButton value={invitationMessage(invited)} label="message" withText />
        <a href={invitationMail(invited)} className={buttonClasses({ size: 'sm' })}>
          <Mail aria-hidden />
          Write an email<span className="sr-only"> to {email}</span>
        </a>
      </div>
    </div>
  );
}
