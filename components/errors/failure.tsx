'use client';

import { useEffect, useState } from 'react';
import { Button, buttonClasses } from '../ui/button';
import { MessagePage } from './message-page';

type FailureProps = { error: unknown; retry: () => void };

/**
 * Shows an unexpected error. Details stay on the server: the browser gets only a reference, which our log lists
 * together with the request's id.
 */
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

  const [page, setPage] = useState<{ request: string | null; home: string }>({ request: null, home: '/' });
  useEffect(() => {
    // Read the path from `location`. Importing `useParams` here would add its script to every page a second time.
    setPage({ request: lastRequestId(), home: /^\/w\/[^/]+/.exec(location.pathname)?.[0] ?? '/' });
  }, []);

  const reference =
    error instanceof Error && 'digest' in error && typeof error.digest === 'string' ? error.digest : null;

  const actions = (
    <>
      <Button variant="primary" onClick={() => retry()}>
        Try again
      </Button>
      <a href={page.home} className={buttonClasses()}>
        Go to the start
      </a>
    </>
  );

  return offline ? (
    <MessagePage code="Offline" title="You’re offline" actions={actions}>
      This page needs the network. Check your connection and try again.
    </MessagePage>
  ) : (
    <MessagePage
      code="500"
      title="Something went wrong on our side"
      actions={actions}
      requestId={page.request}
      reference={reference}
    >
      Your last action may not have completed. Check before trying again. If this continues, send support the
      ID below.
    </MessagePage>
  );
}

/**
 * Returns the id of the request that last changed this page. After a client navigation, the id is in the response's
 * `Server-Timing` header (proxy.ts). Otherwise, it is in the document's `<meta>` element.
 */
function lastRequestId(): string | null {
  const ids = performance
    .getEntriesByType('resource')
    .flatMap((entry) => (entry as PerformanceResourceTiming).serverTiming)
    .filter(({ name }) => name === 'request');
  const meta = document.querySelector<HTMLMetaElement>('meta[name=request-id]');
  return ids.at(-1)?.description ?? meta?.content ?? null;
}
