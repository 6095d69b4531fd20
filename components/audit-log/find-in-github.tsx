import { ExternalLink } from 'lucide-react';
import { CopyButton } from '../ui/copy-button';

/** An organization's audit log on GitHub. */
export type OrganizationLog = { login: string; href: string };

type FindInGitHubProps = {
  hashedToken: string;
  /** The log to search; `null` if the token was for a user account, which has no such log. */
  organizationLog: OrganizationLog | null;
};

/**
 * Explains how to find the same token in GitHub's own audit log. PulseStream can't write to that log, so it is
 * independent evidence.
 */
export function FindInGitHub({ hashedToken, organizationLog }: FindInGitHubProps) {
  const search = `hashed_token:"${hashedToken}"`;
  return (
    <section aria-label="Find it in GitHub’s audit log" className="rounded-lg border bg-card p-4 text-13">
      <p className="font-medium">Find it in GitHub’s audit log</p>
      <p className="mt-1 text-muted leading-relaxed">
        Where your plan’s audit log includes it, GitHub logs each use of this token under the same hash. As an
        owner,{' '}
        {organizationLog ? (
          <>
            <a
              href={`${organizationLog.href}?${new URLSearchParams({ q: search })}`}
              target="_blank"
              rel="noreferrer"
              className="wrap-anywhere text-accent underline underline-offset-4"
            >
              search the audit log of <bdi>{organizationLog.login}</bdi>
              <ExternalLink aria-hidden className="ml-1 inline size-3.5" />
              <span className="sr-only">(opens in a new tab)</span>
            </a>
            , or your enterprise’s for:
          </>
        ) : (
          'open your organization’s or enterprise’s Settings › Audit log and search for:'
        )}
      </p>
      <div className="mt-2 flex min-w-0 items-center gap-2 rounded-md border bg-surface py-1 pr-1 pl-3">
        <code className="wrap-anywhere min-w-0 flex-1 font-mono text-xs">{search}</code>
        <CopyButton value={search} label="the search" />
      </div>
      <p className="mt-2 text-muted leading-relaxed">
        The hash is the base64 of the token’s SHA-256. The token itself is nowhere: it was never saved.
      </p>
    </section>
  );
}
