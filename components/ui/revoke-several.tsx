import { counted } from '@/lib/contract/counted';
import { ConfirmDialog } from './confirm-dialog';
import { Consequences } from './consequences';
import { type Kept, KeptFields } from './kept-fields';
import type { FormAction } from './submit-button';
import { UntrustedText } from './untrusted-text';

const OF_CREDENTIALS = [
  'The next request that needs one of them is refused.',
  'A token that was issued before can work until it expires, at most one hour from now.',
];

/** Lists the consequences of revoking several rows, by what they are. */
const CONSEQUENCES = {
  key: OF_CREDENTIALS,
  rule: OF_CREDENTIALS,
  invitation: [
    'Links that were shared stop working immediately.',
    'To invite someone again, share a new link.',
  ],
} as const;

type RevokeSeveralProps = {
  noun: keyof typeof CONSEQUENCES;
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
  kept: Kept;
};

/** Asks before several rows of a list are revoked, and names them. */
export function RevokeSeveral({ noun, selected, action, href, version, kept }: RevokeSeveralProps) {
  if (selected.length === 0) return null;
  const what = selected.length === 1 ? `this ${noun}` : counted(selected.length, noun);
  return (
    <ConfirmDialog
      key={version}
      title={`Revoke ${what}?`}
      description="This can’t be undone:"
      confirm={`Revoke ${what}`}
      action={action}
      fields={{ confirmed: 'yes' }}
      href={href}
      isAsked
    >
      <KeptFields kept={kept} />
      <ul className="mt-4 grid max-h-48 gap-1 overflow-y-auto rounded-md border px-3 py-2 text-sm">
        {selected.map(({ id, name }) => (
          <li key={id}>
            <input type="hidden" name="id" value={id} />
            <UntrustedText className="font-medium">{name}</UntrustedText>
          </li>
        ))}
      </ul>
      <Consequences>
        {CONSEQUENCES[noun].map((consequence) => (
          <li key={consequence}>{consequence}</li>
        ))}
      </Consequences>
    </ConfirmDialog>
  );
}
