import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import type { SearchParams } from '@/app/request';
import { PublicPage, readVisitor } from '@/app/site-headers';
import { Markdown } from '@/components/documents/markdown';
import { BackLink } from '@/components/shell/page-header';
import { documentHref, findDocument, readDocument } from '@/lib/trust/documents';

type Props = { params: Promise<{ name: string }>; searchParams: SearchParams };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const document = findDocument((await params).name);
  return { title: document?.title ?? 'Not found', robots: { index: document !== undefined, follow: true } };
}

/** A document of this version's source tree, which the Trust page links to. */
export default async function DocumentPage({ params, searchParams }: Props) {
  const document = findDocument((await params).name) ?? notFound();
  const [text, visitor] = await Promise.all([readDocument(document), readVisitor(searchParams)]);
  return (
    <PublicPage visitor={visitor} className="flex max-w-4xl flex-col gap-4 pt-6 pb-20">
      <BackLink href="/trust">Trust</BackLink>
      <Markdown text={text} hrefOf={documentHref} />
    </PublicPage>
  );
}
