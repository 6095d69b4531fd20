/** How something ended, as a page tells it: what happened, why, and what to do next. */
export type Notice = {
  title: string;
  cause: string;
  nextStep: string;
  tone: 'success' | 'info' | 'warning' | 'danger';
};
