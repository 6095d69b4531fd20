/** Reads a page's HTML without a browser, so that tests can compare what different users get. */
import type { APIRequestContext } from '@playwright/test';
import { type HTMLElement, parse } from 'node-html-parser';

export interface PageOverHttp {
  address: string;
  status: number;
  /** The page's path after redirects. */
  path: string;
  /** The page's headings. Empty for a 403 page, because Next renders it in the browser. */
  headings: string[];
  /**
   * Each kind of element once, identified by its tag, classes and attribute names. Leaves out text, because it differs
   * from row to row.
   */
  elements: Set<string>;
}

/** Loading placeholders. Ignored, because how many there are depends on the server's speed. */
const SKELETONS = '[data-skeleton]';
/** Elements that are invisible, or that React's script moves to another place. */
const UNSEEN = 'head, script, style, template, div[hidden][id^="S:"]';

export async function getPage(request: APIRequestContext, address: string): Promise<PageOverHttp> {
  const response = await request.get(address);
  const root = parse(await response.text(), {
    blockTextElements: { script: true, style: true, noscript: true },
  });
  for (const skeleton of root.querySelectorAll(SKELETONS)) skeleton.remove();
  const unseen = new Set(root.querySelectorAll(UNSEEN));
  const elements = root.querySelectorAll('body *').filter((element) => !unseen.has(element));
  return {
    address,
    status: response.status(),
    path: new URL(response.url()).pathname,
    headings: root.querySelectorAll('h1').map(({ text }) => text.trim()),
    elements: new Set(elements.map(kindOf)),
  };
}

function kindOf({ rawTagName, classNames, attributes }: HTMLElement): string {
  const names = Object.keys(attributes).filter((name) => name !== 'class' && name !== 'id');
  return `${rawTagName}.${classNames} ${names.sort().join(' ')}`;
}
