import { counted } from '@/lib/contract/counted';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { Consequences } from '../ui/consequences';
import type { FormAction } from '../ui/submit-button';
import { UntrustedText } from '../ui/untrusted-text';

type RevokeSeveralProps = {
  noun: 'key' | 'rule';
  /** Rows that the page's URL selects and that can be revoked. Without any, there is no dialog. */
  selected: readonly { id: string; name: string }[];
  action: FormAction;
  /** The URL of the list without the dialog. */
  href: string;
  /**
   * Names this rendering of the page. A dialog that was cancelled may still be there when the same rows are asked about
   * again, so each rendering has a dialog of its own.
   */
  version: string | null;
  /** The query parameters that lead back to this page of the list. */
  kept: Readonly<Record<string, string | null | undefined>>;
};

/** Asks before several API keys or trust rules are revoked, and names them. */
export function RevokeSeveral({ noun, selected, action, href, version, kept }: RevokeSeveralProps) {
  if (selected.length === 0) return null;
  const what = selected.length === 1 ? `this ${noun}` : counted(selected.length, noun);
  const fields = Object.entries(kept).flatMap(([name, value]) => (value ? [[name, value]] : []));
  return (
    <ConfirmDialog
      key={version}
      title={`Revoke ${what}?`}
      description="This can’t be undone:"
      confirm={`Revoke ${what}`}
      action={action}
      fields={{ ...Object.fromEntries(fields), confirmed: 'yes' }}
      href={href}
      isAsked
    >
      <ul className="mt-4 grid max-h-48 gap-1 overflow-y-auto rounded-md border px-3 py-2 text-sm">
        {selected.map(({ id, name }) => (
          <li key={id}>
            <input type="hidden" name="id" value={id} />
            <UntrustedText className="font-medium">{name}</UntrustedText>
          </li>
        ))}
      </ul>
      <Consequences>
        <li>The next request that needs one of them is refused.</li>
        <li>A token that was issued before can work until it expires, at most one hour from now.</li>
      </Consequences>
    </ConfirmDialog>
  );
}
