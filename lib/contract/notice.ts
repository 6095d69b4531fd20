/** A message on a page about how something ended: what happened, why, and what to do next. */
export type Notice = {
  title: string;
  cause: string;
  nextStep: string;
  tone: 'success' | 'info' | 'warning' | 'danger';
};
