/** A page as its HTML tells of it, without a browser: enough to see whether two readers get the same. */
import type { APIRequestContext } from '@playwright/test';
import { type HTMLElement, parse } from 'node-html-parser';

export interface PageOverHttp {
  address: string;
  status: number;
  /** Where redirects ended. */
  path: string;
  /** Empty for a refusal: Next has the browser render it. */
  headings: string[];
  /** Each kind of element once: tag, classes and names of attributes. Not texts, which differ with every row. */
  elements: Set<string>;
}

/** Shown while a page loads, and whether they are in the HTML depends on how fast the server was. */
const SKELETONS = '[data-skeleton]';
/** Seen by nobody, or moved into the page by the browser. */
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
