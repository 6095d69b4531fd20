import { ScrollText, SearchX } from 'lucide-react';
import { ButtonLink } from '../ui/button-link';
import { Card } from '../ui/card';
import { EmptyState } from '../ui/empty-state';

export function NoEvents({ filtered, clearHref }: { filtered: boolean; clearHref: string }) {
  return (
    <Card>
      {filtered ? (
        <EmptyState
          icon={SearchX}
          title="No event matches these filters"
          actions={
            <ButtonLink size="sm" href={clearHref}>
              Clear the filters
            </ButtonLink>
          }
        />
      ) : (
        <EmptyState icon={ScrollText} title="Nothing has happened yet">
          Connections, members, API keys and every issued token appear here. Any change to a past event is
          detectable.
        </EmptyState>
      )}
    </Card>
  );
}
