import type { ReactNode } from 'react';

type MessagePageProps = {
  /** The HTTP status, such as `404`. */
  code: string;
  title: string;
  children: ReactNode;
  actions: ReactNode;
  requestId?: string | null | undefined;
  /** Next's reference for an error. Our log lists it together with the id of the failed request. */
  reference?: string | null | undefined;
};

/** The body of every error page: what went wrong, why, and what to do. */
export function MessagePage({ code, title, children, actions, requestId, reference }: MessagePageProps) {
  return (
    <div className="mx-auto flex max-w-md flex-col items-center py-8 text-center sm:py-12">
      <p className="font-mono text-muted text-sm">{code}</p>
      <h1 className="mt-2 text-balance font-semibold text-2xl tracking-tight">{title}</h1>
      <div className="mt-2 text-balance text-muted text-sm leading-relaxed">{children}</div>
      <div className="mt-6 flex flex-wrap justify-center gap-2">{actions}</div>
      {requestId || reference ? (
        <div className="mt-8 grid gap-1">
          {requestId ? <Reference label="Request id" value={requestId} /> : null}
          {reference ? <Reference label="Error reference" value={reference} /> : null}
        </div>
      ) : null}
    </div>
  );
}

function Reference({ label, value }: { label: string; value: string }) {
  return (
    <p className="text-muted text-xs">
      {label}: <code className="wrap-anywhere font-mono">{value}</code>
    </p>
  );
}
