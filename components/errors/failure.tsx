'use client';

import { useEffect, useState } from 'react';
import { Button, buttonClasses } from '../ui/button';
import { MessagePage } from './message-page';

type FailureProps = { error: unknown; retry: () => void };

/** An error that nobody expected. The browser never learns more than its reference, which is in the server's log. */
export function Failure({ error, retry }: FailureProps) {
  const [offline, setOffline] = useState(false);

  useEffect(() => {
    const update = () => setOffline(!navigator.onLine);
    update();
    window.addEventListener('online', update);
    window.addEventListener('offline', update);
    return () => {
      window.removeEventListener('online', update);
      window.removeEventListener('offline', update);
    };
  }, []);

  const reference =
    error instanceof Error && 'digest' in error && typeof error.digest === 'string' ? error.digest : null;

  const actions = (
    <>
      <Button variant="primary" onClick={() => retry()}>
        Try again
      </Button>
      <a href="/" className={buttonClasses()}>
        Go to the start
      </a>
    </>
  );

  return offline ? (
    <MessagePage code="Offline" title="You are offline" actions={actions}>
      This page needs the network. Check your connection and try again.
    </MessagePage>
  ) : (
    <MessagePage code="500" title="Something went wrong on our side" actions={actions} requestId={reference}>
      Nothing was changed by this page. Try again in a moment; if it lasts, send us the id below.
    </MessagePage>
  );
}
