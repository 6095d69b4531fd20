'use client';

import { useRouter } from 'next/navigation';
import { type MouseEvent, type ReactNode, useId } from 'react';
import { Button, type ButtonLook } from './button';
import { Dialog } from './dialog';
import { Input, Label } from './field';
import { Form } from './form';
import { type FormAction, SubmitButton } from './submit-button';
import { useOpening } from './use-opening';

export type ConfirmDialogProps = {
  title: ReactNode;
  description: ReactNode;
  /** The consequences of the action, and its visible fields. The server renders them. */
  children?: ReactNode;
  /** The text of the button that does it. */
  confirm: string;
  action: FormAction;
  /** Hidden fields of the form. */
  fields?: Readonly<Record<string, string>>;
  /** Text to type before the button works. It is sent as `confirmation`, and the server compares it too. */
  typed?: string | undefined;
  /** The URL of the page without the dialog. */
  href: string;
  /** Whether the page's URL asks for the open dialog. */
  isAsked: boolean;
  /**
   * The button that opens the dialog. `ask` is the parameter that it adds to the page's URL without JavaScript. Omitted
   * if the page shows the dialog for one of many rows, each of which has a link to the URL that asks.
   */
  opener?: ButtonLook & { ask: string; label: ReactNode; className?: string };
};

/**
 * Asks before an action that is final. The buttons that open and close the dialog submit forms to the page's URL, so they
 * work without JavaScript. A closed dialog is not in the page.
 */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { href, isAsked, opener } = props;
  const { opening, open, close } = useOpening(isAsked);
  const router = useRouter();
  // A dialog that the server rendered open has no element that had the focus before.
  const openerId = useId();
  const leave = () => {
    close();
    if (isAsked) router.replace(href, { scroll: false });
  };
  return (
    <>
      {opener ? (
        <PageForm href={href} ask={opener.ask}>
          <Button
            id={openerId}
            type="submit"
            variant={opener.variant}
            size={opener.size}
            className={opener.className}
            onClick={instead(open)}
          >
            {opener.label}
          </Button>
        </PageForm>
      ) : null}
      {opening ? (
        <Confirmation
          key={opening}
          {...props}
          opening={opening}
          onCancel={leave}
          onSettled={close}
          returnFocusTo={opener && openerId}
        />
      ) : null}
    </>
  );
}

type ConfirmationProps = Omit<ConfirmDialogProps, 'isAsked' | 'opener'> & {
  /** See `useOpening`. */
  opening: number;
  onCancel: () => void;
  /** Called once the action has ended, whatever its outcome. The page then shows a notice. */
  onSettled?: (() => void) | undefined;
  /** The id of the button that opened the dialog. */
  returnFocusTo?: string | undefined;
};

/** The open dialog of {@link ConfirmDialog}. */
export function Confirmation(props: ConfirmationProps) {
  const { title, description, children, confirm, action, fields = {}, typed, href } = props;
  const id = useId();
  return (
    <Dialog
      open={props.opening}
      onClose={props.onCancel}
      title={title}
      description={description}
      returnFocusTo={props.returnFocusTo}
    >
      <Form action={action} onSettled={props.onSettled}>
        {Object.entries(fields).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        {children}
        {typed === undefined ? null : (
          <div className="mt-6 grid gap-2">
            <Label htmlFor={id}>
              Type <bdi className="wrap-anywhere font-mono">{typed}</bdi> to confirm
            </Label>
            <Input
              id={id}
              name="confirmation"
              pattern={literally(typed)}
              title={`Type ${typed}`}
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              required
            />
          </div>
        )}
        <div className="mt-6 flex flex-wrap justify-end gap-2">
          <Button type="submit" form={`${id}-cancel`} onClick={instead(props.onCancel)}>
            Cancel
          </Button>
          <SubmitButton variant="danger">{confirm}</SubmitButton>
        </div>
      </Form>
      <PageForm id={`${id}-cancel`} href={href} />
    </Dialog>
  );
}

type PageFormProps = { id?: string; href: string; ask?: string; children?: ReactNode };

/** A form that leads to a URL without JavaScript. A form drops the query of its own URL, so the parameters are fields. */
function PageForm({ id, href, ask, children }: PageFormProps) {
  const [path, query] = href.split('?');
  const parameters = new URLSearchParams(query);
  if (ask !== undefined) parameters.set('ask', ask);
  return (
    <form id={id} action={path}>
      {[...parameters].map(([name, value]) => (
        <input key={`${name}=${value}`} type="hidden" name={name} value={value} />
      ))}
      {children}
    </form>
  );
}

/** Returns a click handler that acts in place of the form. */
const instead = (act: () => void) => (event: MouseEvent) => {
  event.preventDefault();
  act();
};

/** Returns a pattern that matches only this text. */
const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
