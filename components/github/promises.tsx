import { Check, Eye, FileCode, Minus } from 'lucide-react';

const STORED = [
  'The installation: its id, status and selection',
  'Your organization’s or user’s name and id, and who installed or asked for the App',
  'Repositories: name, clone URL, default branch, visibility, whether archived',
  'The audit log of this workspace',
];

const NEVER_STORED = [
  'Your code',
  'Access tokens of GitHub, of any kind',
  'Passwords, personal access tokens, SSH keys',
  'Any other credential of yours',
];

const PERMISSIONS = [
  { icon: FileCode, name: 'contents: read', meaning: 'read the code of the repositories that you choose' },
  { icon: Eye, name: 'metadata: read', meaning: 'list them: name, visibility, default branch' },
];

/** What a security team asks first, beside the button. */
export function Promises({ trustHref }: { trustHref: string }) {
  return (
    <div className="grid grid-cols-1 gap-7 text-sm">
      <div className="grid gap-7 sm:grid-cols-2 lg:gap-6">
        <div>
          <h3 className="mb-2.5 font-medium text-[13px]">What we store</h3>
          <ul className="grid gap-2">
            {STORED.map((item) => (
              <li key={item} className="flex gap-2.5 text-muted">
                <Check aria-hidden className="mt-0.5 size-4 shrink-0 text-success" />
                {item}
              </li>
            ))}
          </ul>
        </div>
        <div>
          <h3 className="mb-2.5 font-medium text-[13px]">What we never store</h3>
          <ul className="grid gap-2">
            {NEVER_STORED.map((item) => (
              <li key={item} className="flex gap-2.5 text-muted">
                <Minus aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />
                {item}
              </li>
            ))}
          </ul>
        </div>
      </div>
      <div>
        <h3 className="mb-2.5 font-medium text-[13px]">The two permissions</h3>
        <ul className="grid gap-2">
          {PERMISSIONS.map(({ icon: Icon, name, meaning }) => (
            <li key={name} className="flex gap-2.5 text-muted">
              <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
              <span>
                <code className="font-mono text-[13px] text-foreground">{name}</code>: {meaning}
              </span>
            </li>
          ))}
        </ul>
        <p className="mt-3 text-[13px] text-muted leading-relaxed">
          Nothing can be written with them. A token is made when code has to be read, lives for one hour, is
          never saved, and every one is in your audit log.{' '}
          <a href={trustHref} className="text-accent underline underline-offset-4">
            Every promise, with its evidence
          </a>
        </p>
      </div>
    </div>
  );
}
