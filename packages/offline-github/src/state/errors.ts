/** A name or id that this GitHub does not have, or a step that its rules forbid. */
export class ActionError extends Error {
  override name = 'ActionError';
}
