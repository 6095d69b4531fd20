'use client';

import { useRouter } from 'next/navigation';
import { lazy, useId } from 'react';
import type { DrawerDialogProps } from './drawer-dialog';

const DrawerDialog = lazy(() =>
  import('./drawer-dialog').then(
    (file) => ({ default: file.DrawerDialog }),
    () => ({ default: PlainDialog }),
  ),
);

/** The open dialog as the server rendered it, for a reader whose browser couldn't load its script. Its links work. */
function PlainDialog({ back, leave, returnFocusTo, ...props }: DrawerDialogProps) {
  return <dialog open {...props} />;
}

type DrawerOnDemandProps = Omit<DrawerDialogProps, 'id' | 'back' | 'leave'> & { closeHref: string };

/** Makes the drawer interactive. Its script is loaded only when there is a drawer to show. */
export function DrawerOnDemand({ closeHref, ...props }: DrawerOnDemandProps) {
  const router = useRouter();
  return (
    <DrawerDialog
      {...props}
      id={useId()}
      back={() => router.back()}
      leave={() => router.replace(closeHref, { scroll: false })}
    />
  );
}
