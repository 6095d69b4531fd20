import { notFound } from 'next/navigation';
import { DOCUMENTS, readDocument } from '@/lib/trust/documents';

/** The build reads the documents once, so a deployment needs none of the files. */
export const dynamic = 'force-static';
export const dynamicParams = false;

export function generateStaticParams(): { name: string }[] {
  return DOCUMENTS.map((name) => ({ name }));
}

/** Returns a document of the source as plain text, which no browser executes. */
export async function GET(_request: Request, { params }: { params: Promise<{ name: string }> }) {
  const text = (await readDocument((await params).name)) ?? notFound();
  return new Response(text, {
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      // The document belongs to this version, so a cache must revalidate it.
      'cache-control': 'public, max-age=0, must-revalidate',
    },
  });
}
