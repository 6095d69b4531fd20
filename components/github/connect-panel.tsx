import { Card } from '../ui/card';
import { GitHubMark } from '../ui/github-mark';
import { ConnectForm } from './connect-form';
import { Promises } from './promises';

type ConnectPanelProps = { workspace: string; isAdmin: boolean };

/** Not connected: one thing to do, and beside it what it means. */
export function ConnectPanel({ workspace, isAdmin }: ConnectPanelProps) {
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
            Install our GitHub App and choose the repositories to analyse. You can change the choice or
            uninstall on GitHub at any time: no token is made from then on, and one made before ends within
            the hour.
          </p>
        </div>
        {isAdmin ? (
          <div className="flex flex-col items-start gap-3">
            <ConnectForm workspace={workspace} variant="primary" size="lg">
              <GitHubMark />
              Connect GitHub
            </ConnectForm>
            <div className="flex flex-wrap items-center gap-x-1.5 text-[13px] text-muted">
              Already installed?
              <ConnectForm workspace={workspace} intent="link" variant="link" size="inline">
                Link it
              </ConnectForm>
            </div>
          </div>
        ) : (
          <p className="rounded-md border bg-surface px-3 py-2 text-[13px] text-muted">
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
