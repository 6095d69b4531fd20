import type { Comparison } from '@/lib/audit/compare';
import { counted } from '@/lib/contract/counted';
import { Alert } from '../ui/alert';
import { Card } from '../ui/card';
import { formatUtc } from '../ui/format-time';

export function ComparisonResult({ comparison }: { comparison: Comparison }) {
  const {
    entries,
    entries_of_app,
    app_slugs,
    from,
    to,
    joined,
    unknown_count,
    unknown,
    unused_count,
    unused,
  } = comparison;
  const span = from && to ? ` between ${formatUtc(from)} and ${formatUtc(to)}` : '';
  return (
    <div className="grid grid-cols-1 gap-4">
      {entries_of_app === 0 ? (
        <Alert live tone="warning" title="Nothing was compared: this log does not name our App">
          {counted(entries, 'entry', 'entries')} read{span}; none was made with a token of our App (
          <bdi>{app_slugs.join(', ')}</bdi>) in an installation of this workspace, so a misused token would
          not show either. Check that the export is of the connected organization and holds API requests, Git
          events and token data. GitHub logs API requests only where an owner has turned them on.
        </Alert>
      ) : unknown_count === 0 ? (
        <Alert live tone="success" title={`${counted(joined, 'token')} in GitHub’s log, all of them in ours`}>
          {counted(entries_of_app, 'entry', 'entries')} of our app{span}. Every token in GitHub’s log is in
          this workspace’s log.
        </Alert>
      ) : (
        <Alert
          live
          tone="danger"
          title={`GitHub saw ${counted(unknown_count, 'token')} of our app that aren’t in this log`}
        >
          {counted(joined, 'other is', 'others are')} in both. Unless another workspace uses the same
          organization, tell the operator of this service, and uninstall the app if you can’t wait.
        </Alert>
      )}
      <Hashes
        title="In GitHub’s log, not in this one"
        rows={unknown.map(({ hashed_token, first_seen, requests }) => ({
          hash: hashed_token,
          about: `${counted(requests, 'request')}${first_seen ? `, first ${formatUtc(first_seen)}` : ''}`,
        }))}
      />
      <Hashes
        title={`Issued in that time, not in GitHub’s log (${unused_count.toLocaleString('en')}): not used, or not logged there`}
        rows={unused.map(({ hashed_token, occurred_at, actor }) => ({
          hash: hashed_token,
          about: `${formatUtc(occurred_at)} by ${actor}`,
        }))}
      />
    </div>
  );
}

function Hashes({ title, rows }: { title: string; rows: { hash: string; about: string }[] }) {
  if (rows.length === 0) return null;
  return (
    <Card>
      <details>
        <summary className="px-4 py-3 text-sm hover:bg-hover">{title}</summary>
        <ul className="max-h-80 divide-y overflow-y-auto border-t text-13">
          {rows.map(({ hash, about }) => (
            <li key={hash} className="px-4 py-2">
              <code className="wrap-anywhere font-mono text-xs">{hash}</code>
              <bdi className="wrap-anywhere block text-muted">{about}</bdi>
            </li>
          ))}
        </ul>
      </details>
    </Card>
  );
}
