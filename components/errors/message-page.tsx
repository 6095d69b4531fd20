import type { ReactNode } from 'react';
import { RequestId } from './request-id';

type MessagePageProps = {
  /** The status, as in "404". */
  code: string;
  title: string;
  children: ReactNode;
  actions: ReactNode;
  requestId?: string | null | undefined;
  /** Of an error: what the log has beside the id of the very request that failed. */
  reference?: string | null | undefined;
};

/** What went wrong, why, and what to do: the body of every error page. */
export function MessagePage({ code, title, children, actions, requestId, reference }: MessagePageProps) {
  return (
    <div className="mx-auto flex max-w-md flex-col items-center py-8 text-center sm:py-12">
      <p className="font-mono text-muted text-sm">{code}</p>
      <h1 className="mt-2 text-balance font-semibold text-2xl tracking-tight">{title}</h1>
      <div className="mt-2 text-balance text-muted text-sm leading-relaxed">{children}</div>
      <div className="mt-6 flex flex-wrap justify-center gap-2">{actions}</div>
      {requestId || reference ? (
        <div className="mt-8 grid gap-1">
          {requestId ? <RequestId value={requestId} /> : null}
          {reference ? <RequestId value={reference} label="Error reference" /> : null}
        </div>
      ) : null}
    </div>
  );
}
