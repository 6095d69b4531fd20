type Place = { origin: string; githubWebUrl: string; repository: string };

/**
 * Returns programs that mint, clone and revoke with the standard library of a language alone. The key comes from a file.
 * Only git's environment holds the token, and git is answered for GitHub's own origin only.
 */
export function languageSamples({ origin, githubWebUrl, repository }: Place) {
  return [
    { title: 'Python', code: pythonSample(origin, githubWebUrl, repository) },
    { title: 'Go', code: goSample(origin, githubWebUrl, repository) },
  ] as const;
}

function pythonSample(origin: string, githubWebUrl: string, repository: string): string {
  return `import json, os, pathlib, subprocess, urllib.request

API = "${origin}/api/v1/internal/github"
KEY = pathlib.Path("/run/secrets/pulsestream").read_text().strip()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None  # a redirect would take the key along


def call(path, body):
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    request = urllib.request.Request(API + path, json.dumps(body).encode(), headers)
    with urllib.request.build_opener(NoRedirect).open(request, timeout=60) as response:
        return json.loads(response.read() or "null")


token = call("/token", {"repositories": ["${repository}"], "verify": True})["token"]
try:
    helper = '!f() { echo username=x-access-token; echo "password=$GITHUB_TOKEN"; }; f'
    settings = ["-c", "credential.helper=", "-c", f"credential.${githubWebUrl}.helper={helper}"]
    subprocess.run(
        ["git", *settings, "clone", "${githubWebUrl}/${repository}.git"],
        env={**os.environ, "GITHUB_TOKEN": token},
        check=True,
    )
finally:
    call("/token/revoke", {"token": token})`;
}

function goSample(origin: string, githubWebUrl: string, repository: string): string {
  return `package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"
)

const api = "${origin}/api/v1/internal/github"

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() (err error) {
	key, err := os.ReadFile("/run/secrets/pulsestream")
	if err != nil {
		return err
	}
	var minted struct{ Token string }
	wanted := map[string]any{"repositories": []string{"${repository}"}, "verify": true}
	if err := call(string(key), "/token", wanted, &minted); err != nil {
		return err
	}
	defer func() {
		if failed := call(string(key), "/token/revoke", map[string]any{"token": minted.Token}, nil); err == nil {
			err = failed
		}
	}()
	helper := \`!f() { echo username=x-access-token; echo "password=$GITHUB_TOKEN"; }; f\`
	git := exec.Command("git", "-c", "credential.helper=", "-c", "credential.${githubWebUrl}.helper="+helper,
		"clone", "${githubWebUrl}/${repository}.git")
	git.Env = append(os.Environ(), "GITHUB_TOKEN="+minted.Token)
	git.Stdout, git.Stderr = os.Stdout, os.Stderr
	return git.Run()
}

func call(key, path string, body, answer any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequest("POST", api+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(key))
	request.Header.Set("Content-Type", "application/json")
	client := http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // a redirect would take the token along
	}}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s: HTTP %d", path, response.StatusCode)
	}
	if answer == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(answer)
}`;
}
