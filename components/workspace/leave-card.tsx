import { Card, CardFooter, CardHeader } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { Consequences } from '../ui/consequences';
import type { FormAction } from '../ui/submit-button';

type LeaveCardProps = {
  isLastOwner: boolean;
  action: FormAction;
  /** The path of the page. */
  path: string;
  /** Whether the page's URL asks to leave. */
  isAsked: boolean;
};

/** Lets a member end their own membership, after a dialog. */
export function LeaveCard({ isLastOwner, action, path, isAsked }: LeaveCardProps) {
  return (
    <Card>
      <CardHeader title="Leave workspace">Ends your own membership of this workspace.</CardHeader>
      <CardFooter>
        {isLastOwner ? (
          <p className="text-muted text-sm">
            You’re the only owner. Transfer the ownership first, or delete the workspace.
          </p>
        ) : (
          <ConfirmDialog
            opener={{ ask: 'leave', label: 'Leave workspace', size: 'sm', className: 'text-danger' }}
            title="Leave this workspace?"
            description="You can’t come back by yourself:"
            confirm="Leave workspace"
            action={action}
            href={path}
            isAsked={isAsked}
          >
            <Consequences>
              <li>You lose access immediately. To come back, you need a new invitation.</li>
              <li>Invitations that you sent may end.</li>
              <li>API keys and trust rules that you created keep working.</li>
            </Consequences>
          </ConfirmDialog>
        )}
      </CardFooter>
    </Card>
  );
}
