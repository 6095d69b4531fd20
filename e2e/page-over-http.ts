/** Reads a page's HTML without a browser, to compare what different readers get. */
import type { APIRequestContext } from '@playwright/test';
import { type HTMLElement, parse } from 'node-html-parser';

export interface PageOverHttp {
  address: string;
  status: number;
  /** The URL after redirects. */
  path: string;
  /** The page's headings. Empty for a refusal, because Next renders refusals in the browser. */
  headings: string[];
  /**
   * Each kind of element once, identified by its tag, classes and attribute names. Texts are left out, because they
   * differ in every row.
   */
  elements: Set<string>;
}

/** Elements of the loading state. They are ignored, because their presence depends on the server's speed. */
const SKELETONS = '[data-skeleton]';
/** Elements that are invisible, or that React moves into the page by script. */
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
