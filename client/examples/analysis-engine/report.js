/** Returns one line about a repository. Text from outside is printed without control characters. */
export function formatReport({ name, languages, error }) {
  if (error) return `${name}  failed: ${error.message.replace(/\p{Cc}/gu, ' ')}`;
  const parts = [...languages].map(([language, lines]) => `${language} ${lines}`);
  return `${name}  ${parts.join(', ') || 'no known language'}`;
}
