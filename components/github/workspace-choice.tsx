import { Avatar } from '../ui/avatar';
import { Card } from '../ui/card';
import { UntrustedText } from '../ui/untrusted-text';
import { ConnectForm } from './connect-form';

type WorkspaceChoiceProps = {
  workspaces: { slug: string; name: string }[];
  installationId: number | undefined;
};

/** Somebody came from GitHub without saying for which workspace. */
export function WorkspaceChoice({ workspaces, installationId }: WorkspaceChoiceProps) {
  return (
    <Card>
      <ul className="divide-y">
        {workspaces.map(({ slug, name }) => (
          <li key={slug} className="flex items-center gap-3 px-4 py-3">
            <Avatar name={name} shape="square" />
            <div className="min-w-0 flex-1 text-sm">
              <UntrustedText className="font-medium">{name}</UntrustedText>
              <p className="wrap-anywhere text-[13px] text-muted">{slug}</p>
            </div>
            <ConnectForm
              workspace={slug}
              intent="link"
              installationId={installationId}
              size="sm"
              variant="primary"
            >
              Connect<span className="sr-only"> to {name}</span>
            </ConnectForm>
          </li>
        ))}
      </ul>
    </Card>
  );
}
