import { KeyRound, Plus } from 'lucide-react';
import { ButtonLink } from '../ui/button-link';
import { Card } from '../ui/card';
import { EmptyState } from '../ui/empty-state';

export function NoKeys({ createHref }: { createHref: string }) {
  return (
    <Card>
      <EmptyState
        icon={KeyRound}
        title="No API keys yet"
        actions={
          <ButtonLink variant="primary" size="sm" href={createHref}>
            <Plus aria-hidden />
            Create API key
          </ButtonLink>
        }
      >
        A backend service, the Analysis Engine first, asks for read-only one-hour tokens with a key of this
        workspace. A key opens nothing else.
      </EmptyState>
    </Card>
  );
}
