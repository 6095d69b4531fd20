'use client';

import { type ReactNode, Suspense, useState, useSyncExternalStore } from 'react';

/**
 * Shows `fallback` while a client navigation waits for its content. There's no fallback when the browser loads a whole
 * document. React would then append late content at the end and move it into place by script, which breaks forms
 * without JavaScript. The choice is made once, on mount, because changing it would remount the content.
 */
export function PendingNavigation({ fallback, children }: { fallback: ReactNode; children: ReactNode }) {
  const isOfDocument = useSyncExternalStore(subscribeToNothing, no, yes);
  const [isWhole] = useState(isOfDocument);
  return isWhole ? children : <Suspense fallback={fallback}>{children}</Suspense>;
}

const subscribeToNothing = () => () => {};
const no = () => false;
/** The snapshot on the server and during hydration, that is, while the browser loads a whole document. */
const yes = () => true;
