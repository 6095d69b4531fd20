'use client';

import { type ReactNode, Suspense, useState, useSyncExternalStore } from 'react';

/**
 * Shows `fallback` while a client navigation waits for its content. When the browser loads a whole document, there is
 * no fallback. React would append late content to the page and move it into place by script, so without JavaScript a
 * field would stay outside its form. The choice is made once, on mount, because changing it later would remount the
 * content.
 */
export function PendingNavigation({ fallback, children }: { fallback: ReactNode; children: ReactNode }) {
  const isOfDocument = useSyncExternalStore(subscribeToNothing, no, yes);
  const [isWhole] = useState(isOfDocument);
  return isWhole ? children : <Suspense fallback={fallback}>{children}</Suspense>;
}

const subscribeToNothing = () => () => {};
const no = () => false;
/** The snapshot on the server and during hydration, when a document is being loaded. */
const yes = () => true;
