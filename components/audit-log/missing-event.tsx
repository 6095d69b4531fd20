import { SearchX, ShieldAlert } from 'lucide-react';
import { EmptyState } from '../ui/empty-state';

/** @param wasThere the log has counted that far, so somebody took the event away behind its back */
export function MissingEvent({ wasThere }: { wasThere: boolean }) {
  return wasThere ? (
    <EmptyState icon={ShieldAlert} title="This event is gone from the log">
      The log counted an event with this number, and it is not there any more: it was removed in the database
      itself. Export the log and tell whoever operates this service.
    </EmptyState>
  ) : (
    <EmptyState icon={SearchX} title="This workspace’s log has no event with this number">
      The address may be cut off, or belong to another workspace.
    </EmptyState>
  );
}
