'use client';

import { useRouter } from 'next/navigation';
import { startTransition, useEffect } from 'react';

/**
 * Requests this page again every few seconds, without a reload, and only while the tab is visible. It stops when it
 * is no longer rendered.
 */
export function LiveRefresh({ everySeconds }: { everySeconds: number }) {
  const router = useRouter();

  useEffect(() => {
    let left = false;
    const refresh = async () => {
      if (document.visibilityState !== 'visible') return;
      // After a failed refresh the browser loads the page again, and shows its own error page in place of ours.
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
