import Link from 'next/link';

type SyncsSwitchProps = {
  isHidden: boolean;
  /** This page with them, or without them: the other way round. */
  href: string;
};

/** The tokens of our own syncs read no code, and there are many of them: they are listed for who asks. */
export function SyncsSwitch({ isHidden, href }: SyncsSwitchProps) {
  return (
    <p className="text-[13px] text-muted">
      Tokens of our syncs, which read no code, are {isHidden ? 'hidden' : 'listed'}.{' '}
      <Link
        href={href}
        scroll={false}
        prefetch={false}
        className="rounded-sm font-medium text-foreground underline underline-offset-4"
      >
        {isHidden ? 'Show syncs' : 'Hide syncs'}
      </Link>
    </p>
  );
}
