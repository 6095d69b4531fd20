'use client';

import { useEffect, useState } from 'react';

/**
 * Tells the user that the browser is offline. Meanwhile, links and forms are blocked, because following one would end
 * on the browser's own error page.
 */
export function OfflineNotice() {
  const [offline, setOffline] = useState(false);

  useEffect(() => {
    const update = () => setOffline(!navigator.onLine);
    const hold = (event: Event) => {
      const leaves =
        event.type === 'submit' || (event.target as Element).closest?.('a[href]:not([href^="#"])');
      if (!navigator.onLine && leaves) event.preventDefault();
    };
    update();
    const listeners = { online: update, offline: update, click: hold, submit: hold };
    const isOver = new AbortController();
    for (const [name, listener] of Object.entries(listeners))
      window.addEventListener(name, listener, { capture: true, signal: isOver.signal });
    return () => isOver.abort();
  }, []);

  return (
    <div role="status" className="sticky top-0 z-40">
      {offline ? (
        <p className="border-warning-border border-b bg-warning-surface px-4 py-2 text-center text-13 text-warning">
          You’re offline. This page may be out of date. Links and forms work again once you’re back online.
        </p>
      ) : null}
    </div>
  );
}
