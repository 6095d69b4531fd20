import { ConfirmDialog } from '../ui/confirm-dialog';
import { Consequences } from '../ui/consequences';
import type { FormAction } from '../ui/submit-button';

type DisconnectDialogProps = {
  installation: { id: number; account: { login: string } };
  action: FormAction;
  /** The URL of the page. */
  pageHref: string;
  /** The dialog that the page's URL asks for. */
  asked: string | undefined;
};

/** Uninstalls the App from an account, once its name is typed. */
export function DisconnectDialog({ installation, action, pageHref, asked }: DisconnectDialogProps) {
  const { id, account } = installation;
  const ask = `disconnect-${id}`;
  return (
    <ConfirmDialog
      opener={{ ask, label: 'Disconnect', size: 'sm', variant: 'quietDanger' }}
      title={
        <>
          Disconnect <bdi>{account.login}</bdi>?
        </>
      }
      description="This can’t be undone:"
      confirm="Disconnect"
      action={action}
      fields={{ installation_id: String(id) }}
      typed={account.login}
      href={pageHref}
      isAsked={asked === ask}
    >
      <Consequences>
        <li>The app is uninstalled from the account on GitHub.</li>
        <li>No new tokens can be issued for its repositories.</li>
        <li>
          Tokens already issued keep working until they expire: <strong>at most one hour</strong>.
        </li>
        <li>The audit log is kept. To connect again, reinstall the app.</li>
      </Consequences>
    </ConfirmDialog>
  );
}
