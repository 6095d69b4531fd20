'use client';

import { useRouter } from 'next/navigation';
import { startTransition, useEffect } from 'react';

/**
 * Refreshes the page's data every few seconds while the tab is visible, without reloading the page. Stops on unmount.
 */
export function LiveRefresh({ everySeconds }: { everySeconds: number }) {
  const router = useRouter();

  useEffect(() => {
    let left = false;
    const refresh = async () => {
      if (document.visibilityState !== 'visible') return;
      // Check first that the server responds. When a refresh fails, Next reloads the page, and the browser would then
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
