/** GitHub's tokens, our API keys, and JSON web tokens. */
const SECRETS =
  /gh[oprsu]_[A-Za-z0-9._-]{20,}|github_pat_\w{20,}|psk_[a-z]+_[0-9A-Za-z]{20,}|eyJ[\w-]{10,}\.[\w-]+\.[\w-]*/g;

/** Everything that moves a terminal's cursor or starts a new line of a log. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

const MAX_CHARACTERS = 1_000;

/** Returns text from outside as one short line without credentials, so that it can be printed and logged. */
export function withoutSecrets(text: string): string {
  return text.slice(0, 20_000).replace(SECRETS, '[hidden]').replace(CONTROL, ' ').slice(0, MAX_CHARACTERS);
}
