'use client';

import type { MouseEvent, ReactNode } from 'react';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { type FormAction, SubmitButton } from '../ui/submit-button';
import { useOpening } from '../ui/use-opening';

type ForbidKeysProps = {
  /** Says which keys stop. The server renders it. */
  consequences: ReactNode;
  action: FormAction;
  /** The path of the page. */
  path: string;
  /** Whether the page's URL asks for the open dialog. */
  isAsked: boolean;
};

/**
 * Forbids a workspace's API keys, after a dialog that says what stops. The buttons that open and close the dialog submit
 * forms to the page's URL, so they work without JavaScript too.
 */
export function ForbidKeys({ consequences, action, path, isAsked }: ForbidKeysProps) {
  const { opening, open, close } = useOpening(isAsked);
  const instead = (act: () => void) => (event: MouseEvent) => {
    event.preventDefault();
    act();
  };
  return (
    <>
      <form action={path}>
        <input type="hidden" name="ask" value="forbid" />
        <Button type="submit" size="sm" className="text-danger" onClick={instead(open)}>
          Forbid API keys
        </Button>
      </form>
      <Dialog
        open={opening}
        onClose={close}
        title="Forbid API keys?"
        description="This takes effect immediately, for every API key of this workspace:"
      >
        {consequences}
        <div className="mt-6 flex flex-wrap justify-end gap-2">
          <form action={path}>
            <Button type="submit" onClick={instead(close)}>
              Cancel
            </Button>
          </form>
          <form action={action}>
            <input type="hidden" name="allowed" value="no" />
            <SubmitButton variant="danger">Forbid API keys</SubmitButton>
          </form>
        </div>
      </Dialog>
    </>
  );
}
