import type { AccountName } from '@/lib/installation/account-names';
import { Avatar } from '../ui/avatar';
import { Form } from '../ui/form';
import { NamedRow, Rows } from '../ui/rows';
import { Section } from '../ui/section';
import { type FormAction, SubmitButton } from '../ui/submit-button';
import { UntrustedText } from '../ui/untrusted-text';
import { ConnectForm } from './connect-form';

type InstallationChoiceProps = {
  installations: AccountName[];
  action: FormAction;
  /** The id of the connect attempt in which the user proved ownership of these installations. */
  attempt: string;
  /**
   * Shown together with `signedInAs`. A planted session or a forwarded link could make someone connect the wrong
   * workspace or account. Showing both names lets them notice.
   */
  workspaceName: string;
  signedInAs: string;
};

/** Lets the user choose which installation to connect to this workspace, among those they've just proven to own. */
export function InstallationChoice(props: InstallationChoiceProps) {
  const { installations, action, attempt, workspaceName, signedInAs } = props;
  return (
    <Section
      id="choice"
      title="Which installation belongs to this workspace?"
      about={
        <>
          The account is connected to the workspace{' '}
          <UntrustedText className="font-medium text-foreground">{workspaceName}</UntrustedText>. You are
          signed in as <UntrustedText className="font-medium text-foreground">{signedInAs}</UntrustedText>.
        </>
      }
    >
      <Rows>
        {installations.map(({ id, login, type }) => (
          <NamedRow
            key={id}
            mark={<Avatar name={login} />}
            name={login}
            about={`${type}, installation ${id}`}
          >
            <Form action={action}>
              <input type="hidden" name="attempt" value={attempt} />
              <input type="hidden" name="installation_id" value={id} />
              <SubmitButton size="sm" variant="primary">
                Connect<span className="sr-only"> {login}</span>
              </SubmitButton>
            </Form>
          </NamedRow>
        ))}
      </Rows>
    </Section>
  );
}

type WorkspaceChoiceProps = {
  workspaces: { slug: string; name: string }[];
  installationId: number | undefined;
};

/** Lets a user who came from GitHub choose the workspace to connect, because GitHub's link doesn't name one. */
export function WorkspaceChoice({ workspaces, installationId }: WorkspaceChoiceProps) {
  return (
    <Rows>
      {workspaces.map(({ slug, name }) => (
        <NamedRow key={slug} mark={<Avatar name={name} shape="square" />} name={name} about={slug}>
          <ConnectForm
            workspace={slug}
            intent="link"
            installationId={installationId}
            size="sm"
            variant="primary"
          >
            Connect<span className="sr-only"> to {name}</span>
          </ConnectForm>
        </NamedRow>
      ))}
    </Rows>
  );
}
