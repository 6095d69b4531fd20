'use client';

import { useRouter } from 'next/navigation';
import { startTransition, useEffect } from 'react';

/**
 * Refreshes the page's data every few seconds without a reload, while the tab is visible. The refreshes stop when the
 * component is unmounted.
 */
export function LiveRefresh({ everySeconds }: { everySeconds: number }) {
  const router = useRouter();

  useEffect(() => {
    let left = false;
    const refresh = async () => {
      if (document.visibilityState !== 'visible') return;
      // Check first that the server responds. If a refresh failed, Next would reload the page, and the browser would
      // show its own error page.
      const server = await fetch('/api/health/live').catch(() => null);
      if (server?.ok && !left) startTransition(() => router.refresh());
    };
    const timer = setInterval(refresh, everySeconds * 1000);
    document.addEventListener('visibilitychange', refresh);
    return () => {
      left = true;
      clearInterval(timer);
      document.removeEventListener('visibilitychange', refresh);
    };
  }, [router, everySeconds]);

  return null;
}
