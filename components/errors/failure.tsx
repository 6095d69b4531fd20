'use client';

import { useEffect, useState } from 'react';
import { Button, buttonClasses } from '../ui/button';
import { MessagePage } from './message-page';

type FailureProps = { error: unknown; retry: () => void };

/** An error that nobody expected. The browser never learns more than its
 * reference, which the server's log has beside the request's id. The id here is that of the page as it was loaded. */
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

  const [pageRequest, setPageRequest] = useState<string | null>(null);
  useEffect(() => {
    setPageRequest(document.querySelector<HTMLMetaElement>('meta[name=request-id]')?.content ?? null);
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
    <MessagePage
      code="500"
      title="Something went wrong on our side"
      actions={actions}
      requestId={pageRequest}
      reference={reference}
    >
      Nothing was changed by this page. Try again in a moment; if it lasts, send us what stands below.
    </MessagePage>
  );
}
