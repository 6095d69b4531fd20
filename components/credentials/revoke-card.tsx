import type { ReactNode } from 'react';
import { Card, CardContent, CardHeader } from '../ui/card';
import { Checkbox } from '../ui/field';
import { type FormAction, SubmitButton } from '../ui/submit-button';

type RevokeCardProps = {
  id: string;
  noun: 'key' | 'rule';
  action: FormAction;
  title: ReactNode;
  /** Names the consequence that the user has to confirm. */
  consequence: string;
};

/** Revokes an API key or a trust rule, once its box is ticked. */
export function RevokeCard({ id, noun, action, title, consequence }: RevokeCardProps) {
  return (
    <Card>
      <CardHeader title={title}>
        Ends the {noun} immediately and for good: the next request that needs it is refused. A token that was
        issued before can work until it expires, at most one hour from now.
      </CardHeader>
      <CardContent>
        <form action={action} className="grid gap-4">
          <input type="hidden" name="id" value={id} />
          <label htmlFor="confirmed" className="flex items-start gap-2.5 text-sm">
            <Checkbox id="confirmed" name="confirmed" value="yes" required className="mt-0.5" />I understand
            that {consequence}
          </label>
          <div>
            <SubmitButton variant="danger">Revoke {noun}</SubmitButton>
          </div>
        </form>
      </CardContent>
    </Card>
  );
}
