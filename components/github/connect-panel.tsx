import { Check, Eye, FileCode, Minus } from 'lucide-react';
import type { ReactNode } from 'react';
import { GitHubMark } from '../ui/brand-marks';
import { Card } from '../ui/card';
import { ConnectForm } from './connect-form';

/** Shown while a workspace has no connection: the button to connect, beside an explanation of what connecting means. */
export function ConnectPanel({ workspace, isAdmin }: { workspace: string; isAdmin: boolean }) {
  return (
    <Card className="grid grid-cols-1 overflow-hidden lg:grid-cols-[5fr_6fr]">
      <div className="flex flex-col items-start justify-center gap-5 p-6 sm:p-8">
        <span className="grid size-12 place-items-center rounded-xl border bg-surface">
          <GitHubMark className="size-6" />
        </span>
        <div>
          <h2 className="text-balance font-semibold text-xl tracking-tight">
            Share repositories, not credentials
          </h2>
          <p className="mt-2 max-w-prose text-muted text-sm leading-relaxed">
            Install our GitHub App and choose the repositories to analyze. Change access or uninstall at any
            time. Existing tokens expire within one hour.
          </p>
        </div>
        {isAdmin ? (
          <div className="flex flex-col items-start gap-3">
            <ConnectForm workspace={workspace} variant="primary" size="lg">
              <GitHubMark />
              Connect GitHub
            </ConnectForm>
            <div className="flex flex-wrap items-center gap-x-1.5 text-13 text-muted">
              Already installed?
              <ConnectForm workspace={workspace} intent="link" variant="link" size="inline">
                Link it
              </ConnectForm>
            </div>
          </div>
        ) : (
          <p className="rounded-md border bg-surface px-3 py-2 text-13 text-muted">
            GitHub is not connected yet. An admin of this workspace can connect it.
          </p>
        )}
      </div>
      <div className="border-t bg-surface p-6 sm:p-8 lg:border-t-0 lg:border-l">
        <Promises trustHref={`/trust?workspace=${workspace}`} />
      </div>
    </Card>
  );
}

const STORED = [
  'Installation ID, status, and repository selection',
  'Account name and ID, and who installed or requested the app',
  'Repository name, clone URL, default branch, visibility, and archived state',
  'The audit log of this workspace',
];

const NEVER_STORED = [
  'Your code',
  'GitHub access tokens of any kind',
  'Passwords, personal access tokens, SSH keys',
  'Any other credential',
];

const PERMISSIONS = [
  { icon: FileCode, name: 'contents: read', meaning: 'read the code of the repositories you select' },
  { icon: Eye, name: 'metadata: read', meaning: 'list them: name, visibility, default branch' },
];

/** Answers the first questions that a security team is likely to ask. */
function Promises({ trustHref }: { trustHref: string }) {
  return (
    <div className="grid grid-cols-1 gap-7 text-sm">
      <div className="grid gap-7 sm:grid-cols-2 lg:gap-6">
        <PromiseList title="What we store">
          {STORED.map((item) => (
            <li key={item} className="flex gap-2.5 text-muted">
              <Check aria-hidden className="mt-0.5 size-4 shrink-0 text-success" />
              {item}
            </li>
          ))}
        </PromiseList>
        <PromiseList title="What we never store">
          {NEVER_STORED.map((item) => (
            <li key={item} className="flex gap-2.5 text-muted">
              <Minus aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />
              {item}
            </li>
          ))}
        </PromiseList>
      </div>
      <div>
        <PromiseList title="The two permissions">
          {PERMISSIONS.map(({ icon: Icon, name, meaning }) => (
            <li key={name} className="flex gap-2.5 text-muted">
              <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
              <span>
                <code className="font-mono text-13 text-foreground">{name}</code>: {meaning}
              </span>
            </li>
          ))}
        </PromiseList>
        <p className="mt-3 text-13 text-muted leading-relaxed">
          Read-only. Tokens are issued on demand, expire after one hour, are never stored, and appear in your
          audit log.{' '}
          <a href={trustHref} className="text-accent underline underline-offset-4">
            See the evidence
          </a>
        </p>
      </div>
    </div>
  );
}

function PromiseList({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <h3 className="mb-2.5 font-medium text-13">{title}</h3>
      <ul className="grid gap-2">{children}</ul>
    </div>
  );
}
