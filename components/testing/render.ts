/** Renders components to HTML as a page does. */
import { AppRouterContext } from 'next/dist/shared/lib/app-router-context.shared-runtime';
import { createElement, type ReactElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

/** Does nothing, because no link in static HTML is followed. */
const ROUTER = {
  back: () => {},
  forward: () => {},
  refresh: () => {},
  push: () => {},
  replace: () => {},
  prefetch: () => {},
};

/** @returns HTML without React's own attributes */
export function render(element: ReactElement): string {
  return renderToStaticMarkup(createElement(AppRouterContext.Provider, { value: ROUTER as never }, element));
}
