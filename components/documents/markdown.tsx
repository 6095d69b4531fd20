import { type MarkedToken, marked, type Token, type Tokens } from 'marked';
import { Fragment, type ReactNode } from 'react';
import { headingId } from './heading-id';

type HrefOf = (link: string) => string | null;

type MarkdownProps = {
  text: string;
  /** Returns the address that a link in the text leads to; `null` to show the link's text alone. */
  hrefOf: HrefOf;
};

/**
 * Renders GitHub's Markdown as our own elements. Only the lexer of `marked` is used, so no HTML is ever inserted: React
 * escapes all text, and HTML within the document is shown as text.
 */
export function Markdown({ text, hrefOf }: MarkdownProps) {
  return (
    <div className="grid grid-cols-1 gap-4 text-sm leading-relaxed">{all(marked.lexer(text), hrefOf)}</div>
  );
}

function all(tokens: readonly Token[], hrefOf: HrefOf): ReactNode {
  return tokens.map((token, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a document's tokens never change their order
    <Fragment key={index}>{one(token as MarkedToken, hrefOf)}</Fragment>
  ));
}

const HEADINGS = {
  1: 'font-semibold text-2xl tracking-tight',
  2: 'mt-6 font-semibold text-lg tracking-tight',
  3: 'mt-3 font-semibold text-15',
} as const;

/** Renders a token. A kind of token that the documents don't use is shown as its source. */
function one(token: MarkedToken, hrefOf: HrefOf): ReactNode {
  switch (token.type) {
    case 'heading':
      return <Heading {...token}>{all(token.tokens, hrefOf)}</Heading>;
    case 'paragraph':
      return <p className="wrap-anywhere max-w-prose">{all(token.tokens, hrefOf)}</p>;
    case 'list':
      return <List {...token} hrefOf={hrefOf} />;
    case 'table':
      return <Table {...token} hrefOf={hrefOf} />;
    case 'code':
      return (
        <pre className="wrap-anywhere whitespace-pre-wrap rounded-md border bg-surface p-3 font-mono text-13">
          <code>{token.text}</code>
        </pre>
      );
    case 'text':
      return token.tokens === undefined ? token.text : all(token.tokens, hrefOf);
    case 'link':
      return <Anchor href={hrefOf(token.href)}>{all(token.tokens, hrefOf)}</Anchor>;
    case 'strong':
      return <strong className="font-semibold">{all(token.tokens, hrefOf)}</strong>;
    case 'em':
      return <em>{all(token.tokens, hrefOf)}</em>;
    case 'codespan':
      return <code className="wrap-anywhere rounded bg-hover px-1 font-mono text-[0.9em]">{token.text}</code>;
    case 'escape':
      return token.text;
    case 'br':
      return <br />;
    case 'space':
      return null;
    default:
      return token.raw;
  }
}

function Heading({ depth, text, children }: Tokens.Heading & { children: ReactNode }) {
  const level = depth < 3 ? depth : 3;
  const Element = `h${level}` as 'h1' | 'h2' | 'h3';
  return (
    <Element id={headingId(text)} className={HEADINGS[level as 1 | 2 | 3]}>
      {children}
    </Element>
  );
}

function Anchor({ href, children }: { href: string | null; children: ReactNode }) {
  if (href === null) return children;
  return (
    <a href={href} className="text-accent underline underline-offset-4">
      {children}
    </a>
  );
}

function List({ ordered, items, hrefOf }: Tokens.List & { hrefOf: HrefOf }) {
  const Element = ordered ? 'ol' : 'ul';
  return (
    <Element
      className={`grid max-w-prose grid-cols-1 gap-1.5 pl-5 ${ordered ? 'list-decimal' : 'list-disc'}`}
    >
      {items.map((item) => (
        <li key={item.raw} className="wrap-anywhere">
          {all(item.tokens, hrefOf)}
        </li>
      ))}
    </Element>
  );
}

/** On a narrow screen, the cells of a row are below each other. */
function Table({ header, rows, hrefOf }: Tokens.Table & { hrefOf: HrefOf }) {
  return (
    <div className="overflow-hidden rounded-xl border bg-card">
      <table className="w-full border-collapse text-left text-13">
        <thead className="max-sm:sr-only">
          <tr className="border-b">
            {header.map((cell, column) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns never change their order
              <th key={column} scope="col" className="wrap-anywhere px-3 py-2 font-medium text-muted">
                {all(cell.tokens, hrefOf)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y">
          {rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows never change their order
            <tr key={index} className="align-top max-sm:block max-sm:px-3 max-sm:py-2">
              {row.map((cell, column) => (
                <td
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns never change their order
                  key={column}
                  className="wrap-anywhere px-3 py-2 leading-relaxed max-sm:first:font-medium max-sm:block max-sm:px-0 max-sm:py-0.5 max-sm:empty:hidden"
                >
                  {all(cell.tokens, hrefOf)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
