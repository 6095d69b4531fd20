import type { Metadata } from 'next';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import { getConfig } from '@/lib/config';
import { AuditLogStates } from './audit-log-states';
import { EntranceStates } from './entrance-states';
import { ErrorStates } from './error-states';
import { GitHubStates } from './github-states';
import { Primitives } from './primitives';
import { SettingsStates } from './settings-states';

export const metadata: Metadata = { title: 'Components' };

const PARTS = ['primitives', 'github', 'settings', 'audit-log', 'entrance', 'errors'] as const;
type Part = (typeof PARTS)[number];

type GalleryProps = { searchParams: Promise<{ part?: string; theme?: string }> };

/**
 * Every component in every state, with made-up data: the design system's documentation and the subject of
 * screenshots. `?part=` shows one part, `?theme=light|dark` sets a theme for it. It exists in dev and demo only.
 */
export default async function GalleryPage({ searchParams }: GalleryProps) {
  const { environment } = getConfig();
  if (environment !== 'dev' && environment !== 'demo') notFound();
  const query = await searchParams;
  const theme = query.theme === 'light' || query.theme === 'dark' ? query.theme : undefined;
  const part = PARTS.find((name) => name === query.part) ?? 'primitives';
  return (
    <div data-theme={theme} className="min-h-dvh bg-background text-foreground">
      <header className="mx-auto max-w-6xl px-4 pt-10 pb-6">
        <h1 className="font-semibold text-2xl tracking-tight">Components</h1>
        <p className="mt-1 text-muted text-sm">
          Every component in every state. This page exists in dev and demo only.
        </p>
        <nav aria-label="Parts" className="mt-4 flex flex-wrap gap-x-4 gap-y-1 text-sm">
          {PARTS.map((name) => (
            <Link
              key={name}
              href={`/dev/components?part=${name}${theme ? `&theme=${theme}` : ''}`}
              aria-current={name === part ? 'page' : undefined}
              className="text-accent underline-offset-4 hover:underline aria-[current]:text-foreground"
            >
              {name}
            </Link>
          ))}
          {(['light', 'dark'] as const).map((name) => (
            <Link key={name} href={`/dev/components?part=${part}&theme=${name}`} className="text-muted">
              {name}
            </Link>
          ))}
        </nav>
      </header>
      <main id="content" tabIndex={-1} className="mx-auto max-w-6xl px-4 pb-20 outline-none">
        <PartStates part={part} />
      </main>
    </div>
  );
}

function PartStates({ part }: { part: Part }) {
  switch (part) {
    case 'primitives':
      return <Primitives />;
    case 'github':
      return <GitHubStates />;
    case 'settings':
      return <SettingsStates />;
    case 'audit-log':
      return <AuditLogStates />;
    case 'entrance':
      return <EntranceStates />;
    case 'errors':
      return <ErrorStates />;
    default:
      return part satisfies never;
  }
}
