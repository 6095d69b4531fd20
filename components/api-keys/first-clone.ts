/**
 * Returns a command that clones the first repository of a new key, and revokes its token at the end. It asks for the
 * key, so that neither the shell's history nor a list of processes holds it. It needs bash or zsh, curl and git.
 *
 * The shell reads the whole command in parentheses before it runs any of it. So a line that is pasted or typed
 * afterwards is the key, and no line of the command is taken for it.
 *
 * @param mintUrl the route that mints
 */
export function firstClone(mintUrl: string): string {
  return `( set -e
  printf 'Paste the API key and press Enter: '; read -rs KEY; echo
  call() { { printf 'header = "Authorization: Bearer %s"\\n' "$KEY"
    [ -z "$2" ] || printf 'header = "Content-Type: application/json"\\ndata = "%s"\\n' "$2"; } |
    curl -fsS --config - "$1"; }
  field() { sed -n 's/.*"'"$1"'":"\\([^"]*\\)".*/\\1/p'; }
  repository=$(call '${mintUrl.replace(/token$/, 'repositories')}?limit=1')
  name=$(printf %s "$repository" | field full_name)
  url=$(printf %s "$repository" | field clone_url)
  [ -n "$url" ] || { echo 'This key may read no repository.'; exit 1; }
  TOKEN=$(call '${mintUrl}' '{\\"repositories\\":[\\"'"$name"'\\"],\\"verify\\":true}' | field token)
  [ -n "$TOKEN" ]; export TOKEN
  trap 'call "${mintUrl}/revoke" "{\\\\\\"token\\\\\\":\\\\\\"$TOKEN\\\\\\"}"' EXIT
  git -c credential.helper= \\
    -c "credential.\${url%/*/*}.helper=!f() { echo username=x-access-token; echo \\"password=\\$TOKEN\\"; }; f" \\
    clone "$url"
)`;
}
