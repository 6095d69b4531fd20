import { Avatar } from '../ui/avatar';
import { Card } from '../ui/card';
import { SubmitButton } from '../ui/submit-button';
import { UntrustedText } from '../ui/untrusted-text';
import type { FormAction } from './disconnect-dialog';

export type ChoosableInstallation = { id: number; login: string; type: string };

type InstallationChoiceProps = { installations: ChoosableInstallation[]; action: FormAction };

/** The installations that the reader has just proven to own, to pick the one for this workspace. */
export function InstallationChoice({ installations, action }: InstallationChoiceProps) {
  return (
    <section aria-labelledby="choice">
      <h2 id="choice" className="mb-3 font-semibold text-lg tracking-tight">
        Which installation belongs to this workspace?
      </h2>
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
