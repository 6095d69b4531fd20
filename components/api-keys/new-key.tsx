import type { ReactNode } from 'react';
import { buttonClasses } from '../ui/button';
import { CodeBlock } from '../ui/code-block';
import { FocusOnArrival } from '../ui/focus-on-arrival';

/** The result of creating or rotating a key. The page shows it only once. */
export type NewKeyView = { name: string; key: string; note: string };

type NewKeyProps = {
  created: NewKeyView;
  /** A `NewKeyNotice`. The server renders it, because its script would be larger than this whole component's. */
  notice: ReactNode;
  mintUrl: string;
  doneHref: string;
};

/** Shows a new key. The key exists only in the action's response, so it's gone after a reload. */
export function NewKey({ created: { name, key, note }, notice, mintUrl, doneHref }: NewKeyProps) {
  const curl = `curl -X POST ${mintUrl} \\\n  -H "Authorization: Bearer ${key}"`;
  return (
    <FocusOnArrival>
      <div className="grid grid-cols-1 gap-6">
        {notice}
        <p className="wrap-anywhere text-sm" role="status">
          The new key is called <bdi className="font-medium">{name}</bdi>. {note}
        </p>
        <Secret title="API key" value={key} label="the API key" />
        <Secret title="Try it: mint a token" value={curl} label="the command" />
        <p className="text-[13px] text-muted leading-relaxed">
          The command leaves the key in your shell’s history. A service should read it from its secret store.
        </p>
        <div>
          {/* A plain link loads a new document, which also removes the key from this tab's memory. */}
          <a href={doneHref} className={buttonClasses({ variant: 'primary' })}>
            I have copied it
          </a>
        </div>
      </div>
    </FocusOnArrival>
  );
}

function Secret({ title, value, label }: { title: string; value: string; label: string }) {
  return (
    <section aria-label={title}>
      <h2 className="mb-2 font-medium text-[13px]">{title}</h2>
      <CodeBlock code={value} label={label} />
    </section>
  );
}
