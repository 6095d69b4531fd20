import { Card, CardContent, CardHeader } from '../ui/card';
import { Checkbox } from '../ui/field';
import { type FormAction, SubmitButton } from '../ui/submit-button';

/** Lets a member end their own membership. */
export function LeaveCard({ isLastOwner, action }: { isLastOwner: boolean; action: FormAction }) {
  return (
    <Card>
      <CardHeader title="Leave workspace">
        You lose access immediately, and invitations you sent may end. API keys you created keep working.
      </CardHeader>
      <CardContent>
        {isLastOwner ? (
          <p className="text-muted text-sm">
            You’re the only owner. Transfer the ownership first, or delete the workspace.
          </p>
        ) : (
          <form action={action} className="grid gap-4">
            <label htmlFor="leave-sure" className="flex items-start gap-2.5 text-sm">
              <Checkbox id="leave-sure" required className="mt-0.5" />
              <span>I understand that I need a new invitation to come back.</span>
            </label>
            <div>
              <SubmitButton variant="quietDanger">Leave workspace</SubmitButton>
            </div>
          </form>
        )}
      </CardContent>
    </Card>
  );
}
