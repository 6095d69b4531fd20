import type { ReactNode } from 'react';
import { buttonClasses } from '../ui/button';
import { CopyButton } from '../ui/copy-button';
import { FocusOnArrival } from '../ui/focus-on-arrival';

/** What a creation or a rotation leaves to show, once. */
export type NewKeyView = { name: string; key: string; note: string };

type NewKeyProps = {
  created: NewKeyView;
  /** `NewKeyNotice`, which the page renders: this part of it is the browser's, and an alert weighs more than it. */
  notice: ReactNode;
  mintUrl: string;
  doneHref: string;
};

/** The only place where a key ever stands. It came as an action's answer, so a reload does not bring it back. */
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
          {/* A full load, so that the key is gone from this tab's memory too. */}
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
      <div className="flex min-w-0 items-start gap-2 rounded-md border bg-surface py-2 pr-2 pl-3">
        <code className="wrap-anywhere min-w-0 flex-1 whitespace-pre-wrap py-1 font-mono text-[13px]">
          {value}
        </code>
        <CopyButton value={value} label={label} />
      </div>
    </section>
  );
}
