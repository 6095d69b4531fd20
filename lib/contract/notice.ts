/** A message on a page about the outcome of an action: what happened, why, and what to do next. */
export type Notice = {
  title: string;
  cause: string;
  nextStep: string;
  tone: 'success' | 'info' | 'warning' | 'danger';
};
