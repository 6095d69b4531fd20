import { notFound } from 'next/navigation';
import { DOCUMENTS, readDocument } from '@/lib/trust/documents';

/** The build reads the documents, so a deployment does not need their files. */
export const dynamic = 'force-static';
export const dynamicParams = false;

export function generateStaticParams(): { name: string }[] {
  return DOCUMENTS.map((name) => ({ name }));
}

/** Returns a document from the source tree. As plain text, the browser cannot execute it. */
export async function GET(_request: Request, { params }: { params: Promise<{ name: string }> }) {
  const text = (await readDocument((await params).name)) ?? notFound();
  return new Response(text, {
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      // Another version of the app may have another text, so caches must revalidate it.
      'cache-control': 'public, max-age=0, must-revalidate',
    },
  });
}
