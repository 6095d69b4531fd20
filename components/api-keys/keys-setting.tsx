'use client';

import type { ReactNode } from 'react';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { useOpening } from '../ui/modal';
import { type FormAction, SubmitButton } from '../ui/submit-button';

type ForbidKeysProps = {
  /** Says which keys stop. The server renders it. */
  consequences: ReactNode;
  action: FormAction;
};

/** Forbids a workspace's API keys, after a dialog that says what stops. */
export function ForbidKeys({ consequences, action }: ForbidKeysProps) {
  const { opening, open, close } = useOpening();
  return (
    <>
      <Button size="sm" variant="quietDanger" className="needs-script" onClick={open}>
        Forbid API keys
      </Button>
      <Dialog
        open={opening}
        onClose={close}
        title="Forbid API keys?"
        description="This takes effect immediately, for every API key of this workspace:"
      >
        {consequences}
        <form action={action} className="mt-6 flex flex-wrap justify-end gap-2">
          <input type="hidden" name="allowed" value="no" />
          <Button onClick={close}>Cancel</Button>
          <SubmitButton variant="danger">Forbid API keys</SubmitButton>
        </form>
      </Dialog>
    </>
  );
}
