import { Avatar } from '../ui/avatar';
import { Card } from '../ui/card';
import { SubmitButton } from '../ui/submit-button';
import { UntrustedText } from '../ui/untrusted-text';
import type { FormAction } from './disconnect-dialog';

export type ChoosableInstallation = { id: number; login: string; type: string };

type InstallationChoiceProps = {
  installations: ChoosableInstallation[];
  action: FormAction;
  /** Id of the attempt that has proven them. */
  attempt: string;
  /** Both are named: a planted session or a forwarded link may have chosen them. */
  workspaceName: string;
  signedInAs: string;
};

/** The installations that the reader has just proven to own, to pick the one for this workspace. */
export function InstallationChoice(props: InstallationChoiceProps) {
  const { installations, action, attempt, workspaceName, signedInAs } = props;
  return (
    <section aria-labelledby="choice">
      <h2 id="choice" className="font-semibold text-lg tracking-tight">
        Which installation belongs to this workspace?
      </h2>
      <p className="wrap-anywhere mt-1 mb-3 text-muted text-sm">
        The account is connected to the workspace{' '}
        <UntrustedText className="font-medium text-foreground">{workspaceName}</UntrustedText>. You are signed
        in as <UntrustedText className="font-medium text-foreground">{signedInAs}</UntrustedText>.
      </p>
      <Card>
        <ul className="divide-y">
          {installations.map(({ id, login, type }) => (
            <li key={id} className="flex items-center gap-3 px-4 py-3">
              <Avatar name={login} />
              <div className="min-w-0 flex-1 text-sm">
                <UntrustedText className="font-medium">{login}</UntrustedText>
                <p className="text-[13px] text-muted tabular-nums">
                  {type}, installation {id}
                </p>
              </div>
              <form action={action}>
                <input type="hidden" name="attempt" value={attempt} />
                <input type="hidden" name="installation_id" value={id} />
                <SubmitButton size="sm" variant="primary">
                  Connect<span className="sr-only"> {login}</span>
                </SubmitButton>
              </form>
            </li>
          ))}
        </ul>
      </Card>
    </section>
  );
}
