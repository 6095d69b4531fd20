/** Completes an error of the API, which begins with a verb, to a sentence. Other errors are sentences already. */
export const errorSentence = (subject: string, error: string | undefined): string | undefined =>
  error !== undefined && /^[a-z]/.test(error) ? `${subject} ${error}.` : error;
