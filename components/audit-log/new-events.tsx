'use client';

import { type ComponentType, useEffect, useState } from 'react';
import type { NewEventsProps } from './new-events-notice';

/** Loads the script that looks for new events when it is time to look for the first time. */
export function NewEvents(props: NewEventsProps) {
  const { everySeconds } = props;
  const [Notice, setNotice] = useState<ComponentType<NewEventsProps>>();
  useEffect(() => {
    const timer = setTimeout(
      // Without the script, the page shows new events once it is loaded again.
      () =>
        import('./new-events-notice').then((file) => setNotice(() => file.NewEventsNotice)).catch(() => {}),
      everySeconds * 1000,
    );
    return () => clearTimeout(timer);
  }, [everySeconds]);
  return Notice ? <Notice {...props} /> : null;
}
