'use client';

import { type ReactNode, Suspense, useState, useSyncExternalStore } from 'react';

/**
 * Shows `fallback` while a client navigation waits for its content. A document that the browser loads is complete
 * instead. Otherwise React would stream late content to the end of the page and move it into place by script. Without
 * JavaScript, a field would then stay outside its form. The choice is made once, on mount, because changing it later
 * would remount the content.
 */
export function PendingNavigation({ fallback, children }: { fallback: ReactNode; children: ReactNode }) {
  const isOfDocument = useSyncExternalStore(subscribeToNothing, no, yes);
  const [isWhole] = useState(isOfDocument);
  return isWhole ? children : <Suspense fallback={fallback}>{children}</Suspense>;
}

const subscribeToNothing = () => () => {};
const no = () => false;
/** The snapshot on the server and during hydration, which means that a document is being loaded. */
const yes = () => true;
